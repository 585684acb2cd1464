# SPDX-License-Identifier: Apache-2.0
# bash completion of postrider(1)

_postrider_profiles()
{
    sed -n 's/^[[:space:]]*profile[[:space:]]*"\([^"]*\)".*/profile:\1/p' \
        postrider.conf /etc/postrider/postrider.conf 2>/dev/null
}

_postrider_check()
{
    case $prev in
    --security) COMPREPLY=($(compgen -W 'auto none starttls tls' -- "$cur")) ;;
    --auth) COMPREPLY=($(compgen -W 'auto none plain login cram-md5 scram-sha-256 xoauth2 oauthbearer' -- "$cur")) ;;
    --until) COMPREPLY=($(compgen -W 'connect tls auth envelope message' -- "$cur")) ;;
    --format) COMPREPLY=($(compgen -W 'text json html markdown' -- "$cur")) ;;
    --password-file | --oauth-client-secret-file | --oauth-refresh-token-file | --oauth-token-file | --attach | \
        --message | --ca-file | --trust-anchor | --config | --save | --evidence)
        COMPREPLY=($(compgen -f -- "$cur")) ;;
    --user | --from | --to | --oauth-client-id | --oauth-tenant-id | --oauth-token-url | --oauth-scope | \
        --sending-ip | --answer | --dkim-selector | --dnsbl | --bind | --resolver | --timeout | --ehlo-name | --now) ;;
    *)
        if [[ $cur == -* ]]; then
            COMPREPLY=($(compgen -W '-4 -6 --security --ca-file --ehlo-name --user --password-file --auth
                --insecure-auth --oauth-client-id --oauth-tenant-id --oauth-client-secret-file
                --oauth-refresh-token-file --oauth-token-url --oauth-token-file --oauth-scope --from --to --attach
                --message --until --sending-ip --dkim-selector --dnsbl --bind --resolver --trust-anchor --timeout
                --no-experiments --guided --answer --config --save --evidence --now --json --format --verbose --quiet
                --no-color --help' -- "$cur"))
        else
            COMPREPLY=($(compgen -W "$(_postrider_profiles)" -- "$cur"))
            type __ltrim_colon_completions &>/dev/null && __ltrim_colon_completions "$cur"
        fi ;;
    esac
}

_postrider_discover()
{
    case $prev in
    --auth) COMPREPLY=($(compgen -W 'auto none plain login cram-md5 scram-sha-256 xoauth2 oauthbearer' -- "$cur")) ;;
    --format) COMPREPLY=($(compgen -W 'text json' -- "$cur")) ;;
    --password-file | --oauth-client-secret-file | --oauth-refresh-token-file | --oauth-token-file | --ca-file | \
        --config | --save)
        COMPREPLY=($(compgen -f -- "$cur")) ;;
    --user | --oauth-client-id | --oauth-tenant-id | --oauth-token-url | --oauth-scope | --accept | --isp | --bind | \
        --resolver | --timeout | --ehlo-name) ;;
    *)
        COMPREPLY=($(compgen -W '-4 -6 --user --password-file --auth --oauth-client-id --oauth-tenant-id
            --oauth-client-secret-file --oauth-refresh-token-file --oauth-token-url --oauth-token-file --oauth-scope
            --accept --all --isp --bind --resolver --ca-file --ehlo-name --timeout --config --save --json --format
            --verbose --quiet --no-color --help' -- "$cur")) ;;
    esac
}

_postrider_explain()
{
    case $prev in
    --format) COMPREPLY=($(compgen -W 'text json html markdown' -- "$cur")) ;;
    --step)
        COMPREPLY=($(compgen -W 'config dns connect banner ehlo starttls tls-cert auth oauth mail-from rcpt data
            content attachment post-handoff domain-policy relay-server client-network' -- "$cur")) ;;
    --provider) COMPREPLY=($(compgen -W 'microsoft365 google yahoo icloud' -- "$cur")) ;;
    --since | --until) COMPREPLY=($(compgen -W 'today yesterday 2h 1d 3d 1w' -- "$cur")) ;;
    --zone) COMPREPLY=($(compgen -W 'local utc' -- "$cur")) ;;
    --host | --recipient) ;;
    *)
        if [[ $cur == -* ]]; then
            COMPREPLY=($(compgen -W '--lines --log --provider --host --step --recipient --since --until --zone --all
                --json --format --verbose --quiet --no-color --help' -- "$cur"))
        else
            COMPREPLY=($(compgen -f -- "$cur"))
        fi ;;
    esac
}

_postrider_trace()
{
    case $prev in
    --format) COMPREPLY=($(compgen -W 'text json' -- "$cur")) ;;
    --state)
        COMPREPLY=($(compgen -W 'queued held sending in-doubt delayed handed-over refused expired suppressed
            cancelled bounced confirmed' -- "$cur")) ;;
    --since | --until) COMPREPLY=($(compgen -W 'today yesterday 2h 1d 3d 1w' -- "$cur")) ;;
    --zone) COMPREPLY=($(compgen -W 'local utc' -- "$cur")) ;;
    --config) COMPREPLY=($(compgen -f -- "$cur")) ;;
    --data) COMPREPLY=($(compgen -d -- "$cur")) ;;
    --limit) ;;
    *)
        COMPREPLY=($(compgen -W '--since --until --state --limit --all --follow --json --format --verbose --quiet --zone
            --no-color --config --data --help' -- "$cur")) ;;
    esac
}

_postrider_report()
{
    case $prev in
    --format) COMPREPLY=($(compgen -W 'html markdown json' -- "$cur")) ;;
    --since | --until) COMPREPLY=($(compgen -W 'today yesterday 2h 1d 3d 1w' -- "$cur")) ;;
    --zone) COMPREPLY=($(compgen -W 'local utc' -- "$cur")) ;;
    --output | --config) COMPREPLY=($(compgen -f -- "$cur")) ;;
    --data) COMPREPLY=($(compgen -d -- "$cur")) ;;
    --recipient) ;;
    *)
        if [[ $cur == -* ]]; then
            COMPREPLY=($(compgen -W '--since --until --recipient --preview --mask --with-subject --format --json --output
                --zone --config --data --help' -- "$cur"))
        else
            COMPREPLY=($(compgen -f -- "$cur"))
        fi ;;
    esac
}

_postrider_queue()
{
    case $prev in
    --format) COMPREPLY=($(compgen -W 'text json' -- "$cur")) ;;
    --state) COMPREPLY=($(compgen -W 'queued held sending delayed in-doubt' -- "$cur")) ;;
    --zone) COMPREPLY=($(compgen -W 'local utc' -- "$cur")) ;;
    --config) COMPREPLY=($(compgen -f -- "$cur")) ;;
    --data) COMPREPLY=($(compgen -d -- "$cur")) ;;
    --to-domain | --destination | --finding | --account | --sender | --recipient | --reason | --until | --limit) ;;
    *)
        if ((COMP_CWORD == 2)); then
            COMPREPLY=($(compgen -W 'list show why hold release retry bounce cancel' -- "$cur"))
        else
            COMPREPLY=($(compgen -W '--to-domain --destination --finding --account --sender --recipient --state --all
                --yes --reason --until --limit --json --format --quiet --zone --no-color --config --data --help' -- "$cur"))
        fi ;;
    esac
}

_postrider_suppression()
{
    case $prev in
    --format) COMPREPLY=($(compgen -W 'text json' -- "$cur")) ;;
    --zone) COMPREPLY=($(compgen -W 'local utc' -- "$cur")) ;;
    --config) COMPREPLY=($(compgen -f -- "$cur")) ;;
    --data) COMPREPLY=($(compgen -d -- "$cur")) ;;
    --reason | --for | --until) ;;
    *)
        if ((COMP_CWORD == 2)); then
            COMPREPLY=($(compgen -W 'list show add remove' -- "$cur"))
        else
            COMPREPLY=($(compgen -W '--reason --for --until --all --json --format --quiet --zone --no-color --config --data
                --help' -- "$cur"))
        fi ;;
    esac
}

_postrider_bounces()
{
    case $prev in
    --format) COMPREPLY=($(compgen -W 'text json' -- "$cur")) ;;
    --config) COMPREPLY=($(compgen -f -- "$cur")) ;;
    --data) COMPREPLY=($(compgen -d -- "$cur")) ;;
    --limit) ;;
    *)
        if ((COMP_CWORD == 2)); then
            COMPREPLY=($(compgen -W 'list show forget' -- "$cur"))
        else
            COMPREPLY=($(compgen -W '--all --raw --limit --json --format --quiet --no-color --config --data --help' -- "$cur"))
        fi ;;
    esac
}

_postrider_monitor()
{
    case $prev in
    --format) COMPREPLY=($(compgen -W 'text json' -- "$cur")) ;;
    --zone) COMPREPLY=($(compgen -W 'local utc' -- "$cur")) ;;
    --config) COMPREPLY=($(compgen -f -- "$cur")) ;;
    --since) ;;
    show | history | run)
        COMPREPLY=($(compgen -W "$(sed -n 's/^[[:space:]]*monitor[[:space:]]*"\([^"]*\)".*/\1/p' \
            postrider.conf /etc/postrider/postrider.conf 2>/dev/null)" -- "$cur")) ;;
    *)
        if ((COMP_CWORD == 2)); then
            COMPREPLY=($(compgen -W 'list show history run' -- "$cur"))
        else
            COMPREPLY=($(compgen -W '--since --bad --json --format --verbose --quiet --zone --no-color --config --help' -- "$cur"))
        fi ;;
    esac
}

_postrider_send()
{
    case $prev in
    --format) COMPREPLY=($(compgen -W 'text json' -- "$cur")) ;;
    --via) COMPREPLY=($(compgen -W "queue profile $(_postrider_profiles)" -- "$cur")) ;;
    profile | --profile | --test) COMPREPLY=($(compgen -W "$(_postrider_profiles | sed 's/^profile://')" -- "$cur")) ;;
    --text | --html | --attach | --config | --merge | --template | --results) COMPREPLY=($(compgen -f -- "$cur")) ;;
    -f | --from | --to | --cc | --bcc | --reply-to | --subject | --timeout | --kind | --to-column | --attach-column | --key-column) ;;
    *)
        COMPREPLY=($(compgen -W '-f --from --to --cc --bcc --reply-to --subject --text --html --attach --via --profile --kind --config
            --test --untested
            --merge --template --to-column --attach-column --key-column --skip-bad --dry-run --results --resume --again
            --wait --timeout --json --format --verbose --quiet --no-color --help' -- "$cur")) ;;
    esac
}

_postrider()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W 'check discover explain send sendmail serve trace queue report bounces suppression monitor config lab help version --help --version' -- "$cur"))
        return
    fi
    case ${COMP_WORDS[1]} in
    check) _postrider_check ;;
    discover) _postrider_discover ;;
    explain) _postrider_explain ;;
    send) _postrider_send ;;
    trace) _postrider_trace ;;
    queue) _postrider_queue ;;
    report) _postrider_report ;;
    bounces) _postrider_bounces ;;
    suppression) _postrider_suppression ;;
    monitor) _postrider_monitor ;;
    sendmail)
        case $prev in
        -C) COMPREPLY=($(compgen -f -- "$cur")) ;;
        -R) COMPREPLY=($(compgen -W 'full hdrs' -- "$cur")) ;;
        -N) COMPREPLY=($(compgen -W 'never success failure delay' -- "$cur")) ;;
        -f | -r | -F | -V) ;;
        *) COMPREPLY=($(compgen -W '-t -i -oi -f -r -F -N -R -V -bs -bp -q -C -v' -- "$cur")) ;;
        esac ;;
    serve)
        if [[ $prev == --config || $prev == -c ]]; then
            COMPREPLY=($(compgen -f -- "$cur"))
        elif [[ $prev == --format ]]; then
            COMPREPLY=($(compgen -W 'text json' -- "$cur"))
        else
            COMPREPLY=($(compgen -W '--config --quiet --json --format --help' -- "$cur"))
        fi ;;
    config)
        if [[ $cur == -* ]]; then
            COMPREPLY=($(compgen -W '--config --quiet --json --format --help' -- "$cur"))
        elif [[ $prev == --format ]]; then
            COMPREPLY=($(compgen -W 'text json' -- "$cur"))
        elif ((COMP_CWORD == 2)); then
            COMPREPLY=($(compgen -W 'check' -- "$cur"))
        else
            COMPREPLY=($(compgen -f -- "$cur"))
        fi ;;
    lab)
        if [[ $cur == -* ]]; then
            COMPREPLY=($(compgen -W '--jobs --dir --json --format --verbose --help' -- "$cur"))
        elif [[ $prev == --format ]]; then
            COMPREPLY=($(compgen -W 'text json' -- "$cur"))
        elif [[ $prev == --dir ]]; then
            COMPREPLY=($(compgen -d -- "$cur"))
        elif ((COMP_CWORD == 2)); then
            COMPREPLY=($(compgen -W 'list run test' -- "$cur"))
        else
            COMPREPLY=($(compgen -W "$(postrider lab list 2>/dev/null | cut -d ' ' -f 1)" -- "$cur"))
        fi ;;
    help) COMPREPLY=($(compgen -W 'check discover explain send sendmail serve trace queue report bounces suppression monitor config lab version' -- "$cur")) ;;
    esac
}

complete -F _postrider postrider
