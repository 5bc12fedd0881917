//! Two small readers: protobuf's wire format (fields of one message) and MessagePack as terraform writes
//! configuration with it. Must never read past the bytes it is given, nor recurse without a bound.

use serde_json::{Map, Number, Value};

/// One field of a protobuf message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// Every field of a message in order, with its number; `None` when the bytes are not one.
pub(super) fn message(mut bytes: &[u8]) -> Option<Vec<(u64, Field<'_>)>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let field = match key & 7 {
            0 => Field::Number(varint(&mut bytes)?),
            1 => Field::Bytes(take(&mut bytes, 8)?),
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).ok()?;
                Field::Bytes(take(&mut bytes, length)?)
            }
            5 => Field::Bytes(take(&mut bytes, 4)?),
            _ => return None,
        };
        fields.push((key >> 3, field));
    }
    Some(fields)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = *take(bytes, 1)?.first()?;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (head, tail) = bytes.split_at_checked(length)?;
    *bytes = tail;
    Some(head)
}

/// A MessagePack value as JSON. Values terraform does not know yet, and binary ones, become null:
/// a configuration has neither where guard looks.
pub(super) fn msgpack(mut bytes: &[u8]) -> Option<Value> {
    let value = packed(&mut bytes, 8)?;
    bytes.is_empty().then_some(value)
}

fn packed(bytes: &mut &[u8], depth: u8) -> Option<Value> {
    let tag = *take(bytes, 1)?.first()?;
    match tag {
        0x00..=0x7f => Some(Value::from(tag)),
        0x80..=0x8f => map(bytes, usize::from(tag & 0x0f), depth),
        0x90..=0x9f => list(bytes, usize::from(tag & 0x0f), depth),
        0xa0..=0xbf => text(bytes, usize::from(tag & 0x1f)),
        0xc0 => Some(Value::Null),
        0xc2 | 0xc3 => Some(Value::Bool(tag == 0xc3)),
        0xc4..=0xc6 => skip(bytes, tag - 0xc4, 0),
        0xc7..=0xc9 => skip(bytes, tag - 0xc7, 1),
        0xca => take(bytes, 4).map(|b| float(f64::from(f32::from_be_bytes([b[0], b[1], b[2], b[3]])))),
        0xcb => Some(float(f64::from_bits(integer(bytes, 8)?))),
        0xcc..=0xcf => Some(Value::from(integer(bytes, 1 << (tag - 0xcc))?)),
        0xd0..=0xd3 => {
            let width = 1_usize << (tag - 0xd0);
            let shift = 64 - 8 * width as u32;
            Some(Value::from(((integer(bytes, width)? << shift) as i64) >> shift))
        }
        0xd4..=0xd8 => take(bytes, 1 + (1 << (tag - 0xd4))).map(|_| Value::Null),
        0xd9..=0xdb => {
            let length = usize::try_from(integer(bytes, 1 << (tag - 0xd9))?).ok()?;
            text(bytes, length)
        }
        0xdc | 0xdd => {
            let length = usize::try_from(integer(bytes, 2 << (tag - 0xdc))?).ok()?;
            list(bytes, length, depth)
        }
        0xde | 0xdf => {
            let length = usize::try_from(integer(bytes, 2 << (tag - 0xde))?).ok()?;
            map(bytes, length, depth)
        }
        0xe0..=0xff => Some(Value::from(tag as i8)),
        0xc1 => None,
    }
}

fn integer(bytes: &mut &[u8], width: usize) -> Option<u64> {
    Some(take(bytes, width)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

fn float(value: f64) -> Value {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn skip(bytes: &mut &[u8], power: u8, further: usize) -> Option<Value> {
    let length = usize::try_from(integer(bytes, 1 << power)?).ok()?;
    take(bytes, length.checked_add(further)?).map(|_| Value::Null)
}

fn text(bytes: &mut &[u8], length: usize) -> Option<Value> {
    std::str::from_utf8(take(bytes, length)?).ok().map(Value::from)
}

fn list(bytes: &mut &[u8], length: usize, depth: u8) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    (0..length).map(|_| packed(bytes, depth)).collect::<Option<Vec<_>>>().map(Value::Array)
}

fn map(bytes: &mut &[u8], length: usize, depth: u8) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    let mut pairs = Map::new();
    for _ in 0..length {
        let Value::String(key) = packed(bytes, depth)? else { return None };
        pairs.insert(key, packed(bytes, depth)?);
    }
    Some(Value::Object(pairs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_keep_their_numbers_and_order() {
        let fields = message(&[0x08, 0x03, 0x6a, 0x02, b'h', b'i', 0x88, 0x01, 0x96, 0x01]);
        assert_eq!(
            fields,
            Some(vec![(1, Field::Number(3)), (13, Field::Bytes(b"hi")), (17, Field::Number(150))])
        );
        assert_eq!(message(&[0x6a, 0x05, b'h']), None);
        assert_eq!(message(&[0xff; 11]), None);
    }

    #[test]
    fn a_backend_configuration_becomes_json() {
        let bytes = b"\x82\xa4path\xb2../st/prod.tfstate\xadworkspace_dir\xc0";
        assert_eq!(msgpack(bytes), Some(json!({"path": "../st/prod.tfstate", "workspace_dir": null})));
        assert_eq!(
            msgpack(b"\x83\xa1a\xc7\x03\x0c\x81\x01\xc2\xa1b\xd1\xff\xfe\xa1c\x92\xc3\x07"),
            Some(json!({"a": null, "b": -2, "c": [true, 7]}))
        );
    }

    #[test]
    fn neither_depth_nor_length_is_trusted() {
        assert_eq!(msgpack(&[0x91; 1000]), None);
        assert_eq!(msgpack(b"\xdd\xff\xff\xff\xff"), None);
        assert_eq!(msgpack(b"\x81\xa4path"), None);
        assert_eq!(msgpack(b"\xc0\xc0"), None);
    }
}
