//! What is inside a segment: edits, written small and read without belief.
//!
//! Encode and compress on the way out; on the way in, decompress within a bound and decode. Sealing happens around it,
//! settling after it; a body that a newer app wrote differently is refused as a whole, never half read.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::limits::{SEGMENT_EDITS_MAX, SEGMENT_PLAIN_BYTES_MAX};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use zeroize::Zeroizing;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

use crate::contract::RecordId;
use crate::domain::edit::{Edit, EditRef};
use crate::domain::stamp::Stamp;

/// Trained on synthetic casework, never on real notes; see `docs/exchange.md` for how. Dictionaries are numbered, and a
/// released one never changes: segments that were sealed with it are read for ever.
const DICTIONARY: &[u8] = include_bytes!("casework.dictionary");

/// How a body is packed; its first byte.
const PACKED_WITH_DICTIONARY: u8 = 1;

/// Compression level: at 16 kB the best ratio that still takes under ten milliseconds on a phone of 2019.
const LEVEL: i32 = 19;

/// The body makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body of a segment makes no sense")]
pub struct BadBody;

/// The edits of one segment, as they are encoded. Names that repeat stand once.
#[derive(Serialize, Deserialize)]
struct Body {
    /// Devices other than the author that `replaces` mentions.
    devices: Vec<DeviceId>,
    /// Names of kinds.
    kinds: Vec<String>,
    /// Kind, by its place, and record.
    records: Vec<(u32, RecordId)>,
    /// Stamp of the first edit.
    first_stamp: u64,
    /// The edits, in the order of their numbers.
    edits: Vec<BodyEdit>,
}

#[derive(Serialize, Deserialize)]
struct BodyEdit {
    record: u32,
    field: String,
    op: u8,
    /// From the stamp before; stamps of a chain never run backwards, and a typed text's may stand still.
    stamp_delta: i64,
    clock_ahead_ms: i64,
    /// Device, 0 for the author and else its place plus one, and number.
    replaces: Vec<(u32, u64)>,
    value: ByteBuf,
}

/// Encodes edits of one author, in the order of their numbers; the bytes are what compression starts from.
///
/// # Errors
/// [`BadBody`] if there are more than a segment holds.
pub fn encode(author: DeviceId, edits: &[Edit]) -> Result<Zeroizing<Vec<u8>>, BadBody> {
    let mut devices = Places::default();
    let mut kinds = Places::default();
    let mut records = Places::default();
    let first_stamp = edits.first().map_or(0, |edit| edit.stamp.0);
    let mut last_stamp = first_stamp;
    let mut encoded = Vec::with_capacity(edits.len());
    for edit in edits {
        let kind = kinds.of(&edit.kind);
        let replaces = edit.replaces.iter().map(|replaced| {
            let device =
                if replaced.device == author { 0 } else { devices.of(&replaced.device).saturating_add(1) };
            (device, replaced.seq)
        });
        encoded.push(BodyEdit {
            record: records.of(&(kind, edit.record)),
            field: edit.field.clone(),
            op: edit.op_code,
            stamp_delta: edit.stamp.0.cast_signed().wrapping_sub(last_stamp.cast_signed()),
            clock_ahead_ms: edit.clock_ahead_ms,
            replaces: replaces.collect(),
            value: ByteBuf::from(edit.value.clone()),
        });
        last_stamp = edit.stamp.0;
    }
    let body = Body {
        devices: devices.names,
        kinds: kinds.names,
        records: records.names,
        first_stamp,
        edits: encoded,
    };
    let plain = Zeroizing::new(postcard::to_stdvec(&body).map_err(|_| BadBody)?);
    if plain.len() > SEGMENT_PLAIN_BYTES_MAX || edits.len() > SEGMENT_EDITS_MAX as usize {
        return Err(BadBody);
    }
    Ok(plain)
}

/// Reads the edits of one author, exactly as many as the header promised.
///
/// # Errors
/// [`BadBody`] for anything else.
pub fn decode(author: DeviceId, count: u32, plain: &[u8]) -> Result<Vec<Edit>, BadBody> {
    let (body, rest) = postcard::take_from_bytes::<Body>(plain).map_err(|_| BadBody)?;
    if !rest.is_empty() || u32::try_from(body.edits.len()) != Ok(count) {
        return Err(BadBody);
    }
    let Body { devices, kinds, records, first_stamp, edits: encoded } = body;
    let mut last_stamp = first_stamp;
    let mut edits = Vec::with_capacity(encoded.len());
    for edit in encoded {
        let (kind, record) = *at(&records, edit.record)?;
        let stamp = last_stamp.cast_signed().wrapping_add(edit.stamp_delta).cast_unsigned();
        let mut replaces = Vec::with_capacity(edit.replaces.len());
        for (device, seq) in edit.replaces {
            let device = match device.checked_sub(1) {
                None => author,
                Some(place) => *at(&devices, place)?,
            };
            replaces.push(EditRef { device, seq });
        }
        edits.push(Edit {
            kind: at(&kinds, kind)?.clone(),
            record,
            field: edit.field,
            op_code: edit.op,
            stamp: Stamp(stamp),
            clock_ahead_ms: edit.clock_ahead_ms,
            replaces,
            value: edit.value.into_vec(),
        });
        last_stamp = stamp;
    }
    Ok(edits)
}

/// How many edits an encoded body holds; 0 for anything else.
#[must_use]
pub fn decode_count(plain: &[u8]) -> usize {
    postcard::from_bytes::<Body>(plain).map_or(0, |body| body.edits.len())
}

/// The dictionary as the compressor wants it: taking it in costs more than packing a segment does, so it is done once.
fn for_packing() -> Result<&'static EncoderDictionary<'static>, BadBody> {
    static PREPARED: OnceLock<Option<EncoderDictionary<'static>>> = OnceLock::new();
    PREPARED.get_or_init(|| EncoderDictionary::try_copy(DICTIONARY, LEVEL).ok()).as_ref().ok_or(BadBody)
}

/// The same for what unpacks.
fn for_unpacking() -> Result<&'static DecoderDictionary<'static>, BadBody> {
    static PREPARED: OnceLock<Option<DecoderDictionary<'static>>> = OnceLock::new();
    PREPARED.get_or_init(|| DecoderDictionary::try_copy(DICTIONARY).ok()).as_ref().ok_or(BadBody)
}

/// Compresses an encoded body.
///
/// # Errors
/// [`BadBody`] if the library fails.
pub fn pack(plain: &[u8]) -> Result<Zeroizing<Vec<u8>>, BadBody> {
    let mut compressor = Compressor::with_prepared_dictionary(for_packing()?).map_err(|_| BadBody)?;
    // The decoder knows the dictionary, and the seal already protects every byte.
    compressor.include_dictid(false).map_err(|_| BadBody)?;
    compressor.include_checksum(false).map_err(|_| BadBody)?;
    compressor.include_contentsize(false).map_err(|_| BadBody)?;
    let mut packed = Zeroizing::new(vec![PACKED_WITH_DICTIONARY]);
    packed.extend_from_slice(&Zeroizing::new(compressor.compress(plain).map_err(|_| BadBody)?));
    // The library frees the room in which it worked without wiping it: the next thing it works on lies over the last.
    let _ = compressor.compress(&noise(plain.len(), 256));
    Ok(packed)
}

/// Decompresses a body, within the bound of the protocol however much it claims to hold.
///
/// # Errors
/// [`BadBody`] for anything that is not one.
pub fn unpack(packed: &[u8]) -> Result<Zeroizing<Vec<u8>>, BadBody> {
    let Some((&PACKED_WITH_DICTIONARY, rest)) = packed.split_first() else {
        return Err(BadBody);
    };
    let mut decompressor = Decompressor::with_prepared_dictionary(for_unpacking()?).map_err(|_| BadBody)?;
    let most = SEGMENT_PLAIN_BYTES_MAX;
    // Text seldom shrinks below a twelfth; a body that does is tried again with all the room there may be.
    let likely = rest.len().saturating_mul(12).clamp(4 * 1024, most);
    let plain = decompressor.decompress(rest, likely).or_else(|_| decompressor.decompress(rest, most));
    let plain = plain.map(Zeroizing::new).map_err(|_| BadBody);
    let _ = decompressor.decompress(noise_packed(), NOISE_BYTES);
    plain
}

/// As much as the library keeps of what it unpacks, and some.
const NOISE_BYTES: usize = 128 * 1024;

/// Bytes in which nothing repeats for long, of so many kinds.
fn noise(length: usize, kinds: u64) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u8::try_from((state >> 24) % kinds).unwrap_or(0)
    };
    (0..length).map(|_| next()).collect()
}

/// Noise of few kinds, so that it is packed letter by letter and unpacked where text would be.
fn noise_packed() -> &'static [u8] {
    static PACKED: OnceLock<Vec<u8>> = OnceLock::new();
    PACKED.get_or_init(|| zstd::bulk::compress(&noise(NOISE_BYTES, 64), 1).unwrap_or_default())
}

fn at<T>(list: &[T], place: u32) -> Result<&T, BadBody> {
    list.get(place as usize).ok_or(BadBody)
}

/// Things in the order in which they first appear.
struct Places<T> {
    names: Vec<T>,
    places: BTreeMap<T, u32>,
}

impl<T> Default for Places<T> {
    fn default() -> Self {
        Self { names: Vec::new(), places: BTreeMap::new() }
    }
}

impl<T: Ord + Clone> Places<T> {
    fn of(&mut self, name: &T) -> u32 {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.clone());
        self.places.insert(name.clone(), place);
        place
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edits() -> impl Strategy<Value = Vec<Edit>> {
        let edit =
            ("[a-z]{1,8}", any::<[u8; 16]>(), any::<u8>(), any::<u64>(), any::<i64>(), any::<Vec<u8>>());
        prop::collection::vec(edit, 1..20).prop_map(|parts| {
            let one = |(kind, id, op, stamp, ahead, value): (String, [u8; 16], u8, u64, i64, Vec<u8>)| Edit {
                kind,
                record: RecordId(id),
                field: "field".to_owned(),
                op_code: op,
                stamp: Stamp(stamp),
                clock_ahead_ms: ahead,
                replaces: vec![
                    EditRef { device: DeviceId([1; 16]), seq: 3 },
                    EditRef { device: DeviceId(id), seq: stamp },
                ],
                value,
            };
            parts.into_iter().map(one).collect()
        })
    }

    proptest! {
        #[test]
        fn edits_read_back_as_they_were_written(edits in edits()) {
            let author = DeviceId([1; 16]);
            let packed = pack(&encode(author, &edits).unwrap()).unwrap();
            let read = decode(author, edits.len() as u32, &unpack(&packed).unwrap());
            prop_assert_eq!(read, Ok(edits));
        }

        #[test]
        fn bytes_of_any_kind_are_refused_without_a_panic(bytes: Vec<u8>, count: u32) {
            let _ = unpack(&bytes).map(|plain| decode(DeviceId([1; 16]), count, &plain));
            let _ = decode(DeviceId([1; 16]), count, &bytes);
        }
    }

    #[test]
    fn a_bomb_is_refused_within_the_bound() {
        let huge = vec![0_u8; SEGMENT_PLAIN_BYTES_MAX + 1];
        let bomb = pack(&huge).unwrap();
        assert!(bomb.len() < 1024);
        assert_eq!(unpack(&bomb), Err(BadBody));
    }
}
