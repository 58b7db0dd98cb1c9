X = f'{' '.join(x)!r:{y}}' t'{a # b
}'
match x := 1, *y:
    case {'a': [1, *_], **z} if w: pass
