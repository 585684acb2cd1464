/* SPDX-License-Identifier: Apache-2.0 */
/* lab/lab.h - the lab's command line: a pretend internet with faults by name.
 *
 *   lab list [--json]                       what there is
 *   lab run NAME                            up until Ctrl-C; prints how to check it
 *   lab run NAME -- COMMAND...              up while COMMAND runs; ends with its status
 *   lab test [NAME|PATTERN...] [-j N] [--json]   each scenario against `postrider check`
 *   --dir DIR                               scenario files from DIR instead of those compiled in
 *
 * Exit status: 0 well, 1 a scenario failed, 2 wrong use or a scenario file that
 * cannot be read (file:line), 3 the lab could not be set up here. */
#ifndef LAB_LAB_H
#define LAB_LAB_H

int lab_main(int argc, char **argv);

#endif
