-- Free text: outer spaces gone, empty as null; the words stay as written.
case
    when regexp_matches({x}, '^[ 　\t\r\n\x{A0}]|[ 　\t\r\n\x{A0}]\z')
        then nullif(regexp_replace({x}, '^[ 　\t\r\n\x{A0}]+|[ 　\t\r\n\x{A0}]+\z', '', 'g'), '')
    else nullif({x}, '')
end
