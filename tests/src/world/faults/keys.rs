//! Keys that are changed wrongly, by a member who means harm or whose app is broken.
//!
//! The records are made by hand and signed as they must be; the endpoint that is handed them is honest, and so is everybody
//! else who is shown them.

use std::collections::BTreeSet;

use fieldfare_core::ports::Entropy;
use fieldfare_core::store::{Me, StoredVault};
use fieldfare_core::vault::members::{Signer, recovered_key};
use fieldfare_core::vault::rotation::{rotate_file, rotate_organisation};
use fieldfare_core::vault::wrap::{key_id, recovery_wrap, wrap};
use fieldfare_core::vault::{Reader, RecoveryKey, Secret, WrapContext};
use fieldfare_protocol::exchange::{Item, LogOutcome};
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::membership::{
    Act, MemberWrap, Organisation, Record, Rotation, SignedRecord, VaultKind,
};
use fieldfare_protocol::segment::Segment;
use serde_bytes::{ByteArray, ByteBuf};

use crate::by_hand;
use crate::phone::segments_kept;
use crate::world::inside::{Inside, lies_in};
use crate::world::phone::Did;
use crate::world::template::ADDRESS;
use crate::world::{Held, Violation, World, demand};

/// Who administrates, by their place among the phones.
const ADA: usize = 0;
/// Who may be removed.
const WREN: usize = 2;
/// Who coordinates, and whose name stands under the forged records of files.
const SANDY: usize = 3;

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    /// Somebody who stays gets no key.
    Forgets,
    /// Somebody who is no member gets the key, whoever was removed if anybody was.
    Includes,
    /// Nothing is sealed to the recovery key.
    NoRecovery,
    /// What is sealed to the recovery key opens to another key. Only who holds the key can tell.
    OtherRecovery,
    /// A number is left out.
    SkipsAnEpoch,
    /// The key stays as it was.
    SameKey,
    /// Somebody gets two keys.
    Twice,
    /// It does not name the newest record.
    NotNext,
}

const WRONGS: [Wrong; 8] = [
    Wrong::Forgets,
    Wrong::Includes,
    Wrong::NoRecovery,
    Wrong::OtherRecovery,
    Wrong::SkipsAnEpoch,
    Wrong::SameKey,
    Wrong::Twice,
    Wrong::NotNext,
];

/// Keys are changed wrongly, and nobody takes it up.
pub(super) fn forged(world: &mut World) -> Held {
    world.work(10)?;
    world.settle_down()?;
    if world.chance.percent(60) {
        remove_wren(world)?;
    }
    for _ in 0..3 {
        let wrong = WRONGS[world.chance.below(WRONGS.len())];
        // A file whose newest key the paper does not open is put right by whoever coordinates, who is at it here.
        let of_organisation = wrong != Wrong::OtherRecovery && world.chance.percent(30);
        forge(world, wrong, if of_organisation { ADA } else { SANDY })?;
        world.network.line().lie = None;
        world.work(3)?;
        if wrong == Wrong::OtherRecovery {
            world.exchange(SANDY)?;
        }
    }
    world.leftovers.set_aside = vec!["membership.not_next", "membership.malformed"];
    world.quiet()?;
    for who in world.level_ones() {
        keys_are_in_order(world, who)?;
    }
    Ok(())
}

fn remove_wren(world: &mut World) -> Held {
    let device: DeviceId =
        world.device(WREN)?.parse().map_err(|_| Violation("a device's name".to_owned()))?;
    world.open(ADA)?;
    let did = world.phones[ADA].with(None, |app| app.remove(device));
    demand(did == Did::Done(()), || format!("nobody could be removed: {did:?}"))?;
    world.tell("ada removes wren");
    world.leftovers.behind = vec![WREN];
    for case in &mut world.writing.cases {
        case.readers.remove(&WREN);
        case.perhaps.insert(WREN);
    }
    world.settle_down()
}

/// Makes a record with something wrong in it, hands it to the endpoint and shows it to everybody.
fn forge(world: &mut World, wrong: Wrong, author: usize) -> Held {
    world.settle_down()?;
    let entropy = world.phones[author].entropy.clone();
    let (me, bytes) = {
        let inside = world.inside(author)?;
        let me = inside.read(|read| read.me())?;
        let vault = if author == ADA {
            inside.read(|read| read.vault(me.organisation))?
        } else {
            Some(inside.vault_of(&world.writing.cases[0].id)?)
        };
        let vault = vault.ok_or_else(|| Violation("no vault".to_owned()))?;
        let now_ms = world.time.now_ms();
        (me, record(&inside, &me, &vault, wrong, now_ms, entropy.as_ref())?)
    };
    let outcome = hand_over(world, author, &me, bytes.clone())?;
    world.strike(format!("{} changes a key, {wrong:?}: {outcome:?}", world.phones[author].name));
    // No endpoint can tell what is sealed to somebody else.
    let expected: &[LogOutcome] = match wrong {
        Wrong::OtherRecovery => &[LogOutcome::Kept],
        Wrong::NotNext => &[LogOutcome::Moved, LogOutcome::NotAllowed],
        _ => &[LogOutcome::NotAllowed],
    };
    demand(outcome.is_some_and(|outcome| expected.contains(&outcome)), || {
        format!("the endpoint met a key changed wrongly, {wrong:?}, with {outcome:?}")
    })?;
    world.leftovers.set_aside = vec!["membership.not_next", "membership.malformed"];
    let (shown, mut shown_to) = (Item::Membership(ByteBuf::from(bytes)), BTreeSet::new());
    world.network.line().lie_in_replies(move |device, reply| {
        if shown_to.insert(device.to_owned()) {
            reply.items.push(shown.clone());
        }
    });
    for who in world.level_ones() {
        world.exchange(who)?;
    }
    Ok(())
}

/// A key changed by somebody who may, but for what is wrong.
fn record(
    inside: &Inside,
    me: &Me,
    vault: &StoredVault,
    wrong: Wrong,
    now_ms: i64,
    entropy: &dyn Entropy,
) -> Held<Vec<u8>> {
    let failed = |_| Violation("a record could not be made".to_owned());
    let organisation = inside.read(|read| read.organisation())?;
    let signer = Signer { device: me.device, identity: &inside.identity };
    let (_, before) =
        inside.read(|read| read.newest_key(vault.no))?.ok_or_else(|| Violation("no key".to_owned()))?;
    let (signed, key) = if vault.kind == VaultKind::Organisation {
        rotate_organisation(&organisation, &before, Vec::new(), now_ms, &signer, entropy).map_err(failed)?
    } else {
        let file = inside.read(|read| read.case_file(vault.no, &organisation))?;
        let as_of = inside.read(|read| read.records_kept(organisation.vault))?;
        rotate_file(&file, as_of, &before, Vec::new(), &signer, &organisation, entropy).map_err(failed)?
    };
    let mut forged = signed.record;
    if wrong == Wrong::NotNext {
        forged.number = forged.number.saturating_sub(1);
    }
    if let Act::Rotate { rotation, .. } = &mut forged.act {
        spoil(rotation, wrong, me.device, vault.id, (&key, &before), &organisation, entropy)?;
    }
    let signed = SignedRecord::sign(forged, |message| inside.identity.sign(message));
    signed.map(|signed| signed.bytes().to_vec()).map_err(|_| Violation("too large".to_owned()))
}

fn spoil(
    rotation: &mut Rotation,
    wrong: Wrong,
    me: DeviceId,
    vault: VaultId,
    (key, before): (&Secret<32>, &Secret<32>),
    organisation: &Organisation,
    entropy: &dyn Entropy,
) -> Held {
    let failed = |_| Violation("a key could not be sealed".to_owned());
    let wrapped: BTreeSet<DeviceId> = rotation.wraps.iter().map(|member| member.device).collect();
    let removed = organisation.removed.keys().copied().find(|device| !wrapped.contains(device));
    let stranger = organisation.devices.keys().copied().find(|device| !wrapped.contains(device));
    match wrong {
        Wrong::Forgets => {
            let at = rotation.wraps.iter().position(|member| member.device != me);
            rotation.wraps.remove(at.unwrap_or(0));
        }
        Wrong::Includes => {
            // Of an organisation that nobody has left everybody is a member: a made-up one will do.
            let device = removed.or(stranger).unwrap_or(DeviceId([7; 16]));
            let card = organisation.devices.get(&device).or_else(|| organisation.devices.get(&me));
            let card = card.ok_or_else(|| Violation("nobody's card".to_owned()))?;
            let context = WrapContext { vault, epoch: rotation.epoch.number, reader: Reader::Device(device) };
            let wrap = wrap(key, &card.sealing_key, &context, entropy).map_err(failed)?;
            rotation.wraps.push(MemberWrap { device, wrap });
        }
        Wrong::NoRecovery => rotation.epoch.recovery.sealed = ByteArray::new([0; 48]),
        Wrong::OtherRecovery => {
            rotation.epoch.recovery =
                recovery_wrap(before, vault, rotation.epoch.number, &organisation.recovery_key)
                    .map_err(failed)?;
        }
        Wrong::SkipsAnEpoch => rotation.epoch.number += 1,
        Wrong::SameKey => rotation.epoch.key_id = ByteArray::new(key_id(before)),
        Wrong::Twice => rotation.wraps.extend(rotation.wraps.first().cloned()),
        Wrong::NotNext => {}
    }
    Ok(())
}

/// Hands one record to the endpoint under its author's name; what it says to that.
fn hand_over(world: &mut World, author: usize, me: &Me, bytes: Vec<u8>) -> Held<Option<LogOutcome>> {
    let identity = world.inside(author)?.identity;
    Ok(by_hand::hand_over(world.network.as_ref(), ADDRESS, &identity, me, bytes))
}

/// Every key of every log that a phone knows went to exactly those who were members, the paper opens whatever anything is
/// written under, and the phone holds the newest.
fn keys_are_in_order(world: &mut World, who: usize) -> Held {
    let (endpoint, recovery_file) = (world.network.line().post.database(), world.template_place("recovery"));
    let recovery = RecoveryKey::read(&recovery_file).map_err(|_| Violation("the paper".to_owned()))?;
    let name = world.phones[who].name.clone();
    let inside = world.inside(who)?;
    let organisation = inside.read(|read| read.organisation())?;
    let me = inside.read(|read| read.me())?;
    for vault in inside.read(|read| read.vaults())? {
        let log = inside.read(|read| read.log(vault.no))?;
        let log = log.iter().filter_map(|(bytes, _)| SignedRecord::parse(bytes).ok());
        let records: Vec<Record> = log.map(|signed| signed.record).collect();
        demand(went_to_members_alone(&records), || format!("{name} knows a key that went astray"))?;
        let newest = match vault.kind {
            VaultKind::Organisation => organisation.epoch.number,
            VaultKind::CaseFile => inside.read(|read| read.case_file(vault.no, &organisation))?.epoch.number,
        };
        let held = inside.read(|read| read.newest_key(vault.no))?.map(|(number, _)| number);
        let member = vault.kind == VaultKind::Organisation
            || world
                .writing
                .cases
                .iter()
                .any(|case| lies_in(&case.id, vault.id) && case.readers.contains(&who));
        demand(!member || held == Some(newest), || {
            format!("{name} ({}) holds key {held:?} of {newest}", me.device)
        })?;
        let written_under: BTreeSet<u32> = segments_kept(&endpoint)
            .iter()
            .filter_map(|bytes| Segment::parse(bytes).ok())
            .filter(|segment| segment.header().vault_tag == vault.id.tag())
            .map(|segment| segment.header().epoch)
            .collect();
        for record in &records {
            let Act::Rotate { rotation, .. } = &record.act else { continue };
            let opens = recovered_key(&rotation.epoch, vault.id, recovery.identity()).is_ok();
            demand(opens || !written_under.contains(&rotation.epoch.number), || {
                "something is written under a key that the paper does not open".to_owned()
            })?;
        }
    }
    Ok(())
}

/// Whether every change of a key sealed it for the members of that moment and for nobody else.
fn went_to_members_alone(records: &[Record]) -> bool {
    let mut members: BTreeSet<DeviceId> = BTreeSet::new();
    records.iter().all(|record| {
        match &record.act {
            Act::FoundOrganisation { founder: card, .. }
            | Act::Join { card, .. }
            | Act::Recover { card, .. }
            | Act::Renew { card } => members.extend([card.device]),
            Act::FoundCaseFile { wraps, .. } | Act::Admit { wraps, .. } => {
                members.extend(wraps.iter().map(|member| member.device));
            }
            Act::Rotate { rotation, .. } => {
                members.retain(|member| !rotation.removed.iter().any(|left| left.device == *member));
                let wrapped: BTreeSet<DeviceId> = rotation.wraps.iter().map(|member| member.device).collect();
                return wrapped == members && wrapped.len() == rotation.wraps.len();
            }
            Act::Resolve { rotation, other, .. } => {
                let out: Vec<_> =
                    rotation.removed.iter().chain(&other.apart).map(|left| left.device).collect();
                members.retain(|member| !out.contains(member));
                let wrapped: BTreeSet<DeviceId> = rotation.wraps.iter().map(|member| member.device).collect();
                return wrapped == members && wrapped.len() == rotation.wraps.len();
            }
            Act::Invite { .. } | Act::ChangeRole { .. } => {}
            Act::AskToErase { .. } | Act::KeepAfterAll { .. } | Act::Erase { .. } => {}
            Act::Farewell { .. } | Act::Close { .. } => {}
        }
        true
    })
}
