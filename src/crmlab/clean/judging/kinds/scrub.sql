-- Free text without e-mail addresses, identity card numbers and phone numbers, as patterns.py knows them.
-- First those in groups; then, where a long run of digits is left, those that are the whole of a run.
case
    when not regexp_matches({x}, '{suspect}')
        then {x}
    when not regexp_matches({x}, '{long}')
        then {grouped}
    else array_to_string(
        list_transform(
            regexp_extract_all({grouped}, '([0-9０-９]+|[^0-9０-９]+)', 1),
            lambda run: case
                when regexp_matches(run, '{whole_identity}') then '[id]'
                when regexp_matches(run, '{whole_phone}') then '[phone]'
                else run
            end
        ),
        ''
    )
end
