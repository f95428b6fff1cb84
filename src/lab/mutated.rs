//! Real inputs, changed at random: what the property tests of the readers are fed with. Noise alone is refused by the
//! first byte; a real input with a few wounds gets to where mistakes are.

use proptest::prelude::*;
use proptest::sample::Index;

/// The longest input that is made.
const LONGEST: usize = 128 * 1024;

/// One wound.
#[derive(Clone, Debug)]
enum Change {
    /// What follows is gone.
    Cut(Index),
    /// Some bytes more.
    Insert(Index, Vec<u8>),
    /// A number, big-endian as in TLS and DER, that is about as large as it can be or nothing.
    Number(Index, usize, u32),
    /// Some bytes less.
    Remove(Index, usize),
    /// The same again, many times.
    Repeat(Index, usize, usize),
    /// Another byte.
    Set(Index, u8),
    /// A piece of another input.
    Splice(Index, Index, Index, usize),
}

/// Returns a strategy that picks one of the seeds and wounds it up to eight times; `words` are what is inserted more
/// often than noise.
pub(crate) fn mutated(
    seeds: Vec<Vec<u8>>,
    words: &'static [&'static [u8]],
) -> impl Strategy<Value = Vec<u8>> {
    let noise = proptest::collection::vec(any::<u8>(), 1..8).boxed();
    let inserted = if words.is_empty() {
        noise
    } else {
        prop_oneof![3 => proptest::sample::select(words).prop_map(<[u8]>::to_vec), 1 => noise].boxed()
    };
    let at = any::<Index>;
    let numbers =
        prop_oneof![Just(0), Just(1), Just(0x7f), Just(0x80), Just(0xff), Just(u32::MAX), any::<u32>()];
    let change = prop_oneof![
        1 => at().prop_map(Change::Cut),
        4 => (at(), inserted).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        3 => (at(), 1_usize..5, numbers).prop_map(|(at, octets, number)| Change::Number(at, octets, number)),
        2 => (at(), 1_usize..40).prop_map(|(at, length)| Change::Remove(at, length)),
        1 => (at(), 1_usize..200, 2_usize..60).prop_map(|(at, length, times)| Change::Repeat(at, length, times)),
        4 => (at(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        2 => (at(), at(), at(), 1_usize..400)
            .prop_map(|(at, seed, from, length)| Change::Splice(at, seed, from, length)),
    ];
    (any::<Index>(), proptest::collection::vec(change, 0..9)).prop_map(move |(seed, changes)| {
        let mut bytes = seed.get(&seeds).clone();
        for change in changes {
            change.apply(&mut bytes, &seeds);
            bytes.truncate(LONGEST);
        }
        bytes
    })
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let place = |at: &Index| at.index(bytes.len() + 1);
        match self {
            Self::Cut(at) => bytes.truncate(place(at)),
            Self::Insert(at, new) => {
                let at = place(at);
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Number(at, octets, number) => {
                let at = place(at);
                let end = bytes.len().min(at + octets);
                let number = number.to_be_bytes();
                bytes[at..end].copy_from_slice(&number[4 - (end - at)..]);
            }
            Self::Remove(at, length) => {
                let at = place(at);
                bytes.drain(at..bytes.len().min(at + length));
            }
            Self::Repeat(at, length, times) => {
                let at = place(at);
                let end = bytes.len().min(at + length);
                let again = bytes[at..end].repeat(*times);
                bytes.splice(end..end, again);
            }
            Self::Set(at, byte) => {
                let at = place(at);
                if let Some(old) = bytes.get_mut(at) {
                    *old = *byte;
                }
            }
            Self::Splice(at, seed, from, length) => {
                let other = seed.get(seeds);
                let from = from.index(other.len() + 1);
                let at = place(at);
                bytes.splice(at..at, other[from..other.len().min(from + length)].iter().copied());
            }
        }
    }
}
