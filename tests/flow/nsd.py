# SPDX-License-Identifier: Apache-2.0
"""What NSD is told, wherever a test gives out names."""
CONF = """server:
  ip-address: {address}
  username: ""
  chroot: ""
  zonesdir: "{dir}"
  database: ""
  pidfile: "{dir}/nsd.pid"
  xfrdfile: "{dir}/xfrd"
  xfrdir: "{dir}"
  zonelistfile: "{dir}/list"
  server-count: 1
remote-control:
  control-enable: no
"""


def conf(address, folder, zones):
    """address: where it listens, "127.0.0.1@5353"; zones: name -> file in the folder."""
    return CONF.format(address=address, dir=folder) + "".join(
        f"zone:\n  name: {name}\n  zonefile: {file}\n" for name, file in zones.items())
