//! ULIDs (github.com/ulid/spec): 48 bits of milliseconds and 80 random bits in Crockford's base 32.
//! They sort by time, so an id says roughly when.

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

pub fn ulid(millis: u64, random: [u8; 10]) -> String {
    let low = random.iter().fold(0_u128, |n, byte| (n << 8) | u128::from(*byte));
    let number = (u128::from(millis & 0xffff_ffff_ffff) << 80) | low;
    (0..26).rev().map(|i| char::from(ALPHABET[((number >> (5 * i)) & 31) as usize])).collect()
}

#[cfg(test)]
mod tests {
    use super::ulid;

    #[test]
    fn the_time_part_is_the_specification_example() {
        assert_eq!(&ulid(1_469_918_176_385, [0; 10]), "01ARYZ6S410000000000000000");
        assert_eq!(&ulid(0, [0xff; 10]), "0000000000ZZZZZZZZZZZZZZZZ");
    }
}
