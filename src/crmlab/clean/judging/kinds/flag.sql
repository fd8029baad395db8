-- Yes or no.
case
    when lower({x}) in ('1', 'true', 't', 'yes', 'y', '是', '有', '√') then true
    when lower({x}) in ('0', 'false', 'f', 'no', 'n', '否', '无', '×') then false
end
