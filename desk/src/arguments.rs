//! What can be asked of the binary, and its help.
//!
//! Shapes of arguments only; what they mean is decided where they are used.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use fieldfare_core::contract::StaffRole;
use fieldfare_core::vault::Holders;

use crate::case_erase::CaseErase;

/// Fieldfare: case notes, goals and wellbeing check-ins that work without signal.
///
/// Prints JSON, one object a line. A refusal is printed as {"problem":…} with what to do next, and the exit status is 2.
/// The PIN of a home comes from FIELDFARE_PIN or is asked for.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) action: Action,
}

#[derive(Subcommand)]
pub(crate) enum Action {
    /// Tell a true story on real parts: an endpoint, two phones and a desk, a day without signal
    Demo(Demo),
    /// Run the central endpoint: it keeps sealed segments and hands them out
    Endpoint(Endpoint),
    /// Show the address of an endpoint with the pins of its keys, as `found` and `recover` take it; for whoever runs it
    Address(Address),
    /// Found an organisation: its first device, its recovery key, its place at the endpoint
    Found(Found),
    /// Invite a person to join with one device
    Invite(Invite),
    /// Join an organisation with an invitation
    Join(Join),
    /// Remove a device, or a person with all of theirs; the pages `devices` and `staff` have their names
    Remove(Remove),
    /// Change the keys of a case, or of everything this device reads, because one may have been given away
    Rotate(Rotate),
    /// End the departure of a colleague who has handed a case on and does not come back to end it
    CloseDeparture(CloseDeparture),
    /// Give a person another role; what they read changes with it
    Role(ChangeRole),
    /// End the fork of a case's list of readers; the page `exchange` shows which cases have one, and whether this phone can
    ResolveFork(ResolveFork),
    /// Come back with the recovery key when every phone is lost
    Recover(Recover),
    /// Change the PIN of a home; the new one comes from FIELDFARE_NEW_PIN or is asked for twice
    Pin(Pin),
    /// Ask for help with a forgotten PIN, help a colleague with theirs, or use the help
    Forgotten(Forgotten),
    /// Erase a home at once, without its PIN; nothing brings it back
    Erase(Erase),
    /// Find out whether the recovery key, or enough shares of it, opens what it should; nothing secret is kept
    Drill(Drill),
    /// Carry out a command, or one a line from standard input
    Run(Run),
    /// Print a page
    Page(Page),
    /// Attach a photo or document to a note
    Attach(Attach),
    /// Put an attachment into a new file, outside the encrypted store
    Attachment(Attachment),
    /// Write everything this device reads of a case into a new file in clear, for the young person it is about
    Export(Export),
    /// Erase a case by law, for good and everywhere: one person asks, somebody else confirms
    #[command(subcommand)]
    CaseErase(CaseErase),
    /// Hand the phone to a young person for a check-in; any other action with the PIN takes it back
    #[command(subcommand)]
    Handover(Handover),
    /// Come level with the endpoint
    Exchange(Exchange),
    /// Print every command and page with its fields, as JSON Schema
    Contract,
}

#[derive(Args)]
pub(crate) struct Demo {
    /// Seed of the invented casework; the same seed tells the same story
    #[arg(long, default_value_t = 2026)]
    pub(crate) seed: u64,
}

#[derive(Args)]
pub(crate) struct Endpoint {
    /// Folder that holds everything the endpoint keeps
    #[arg(long)]
    pub(crate) data: PathBuf,
    /// Address to listen on; put a TLS proxy in front of anything but this machine
    #[arg(long, default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// Mebibytes that the organisation may fill; beyond it only what is urgent is taken
    #[arg(long, value_name = "MIB")]
    pub(crate) quota: Option<u64>,
    /// Say that the folder was restored from a backup, so that devices send again what it lacks; then stop
    #[arg(long)]
    pub(crate) restored: bool,
}

#[derive(Args)]
pub(crate) struct Address {
    /// https://host, without pins
    pub(crate) url: String,
}

#[derive(Args)]
pub(crate) struct Found {
    /// Folder of this device; it is made if it is not there
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// Name of the organisation
    #[arg(long)]
    pub(crate) organisation: String,
    /// Address of the endpoint: https with its pins, see `address`, or http on this machine
    #[arg(long)]
    pub(crate) endpoint: String,
    /// New file for the recovery key; its shares get .1, .2 and so on. Print them, lock them away, delete them here
    #[arg(long)]
    pub(crate) recovery: PathBuf,
    /// Among how many people the recovery key is split; more than half of them are needed to use it
    #[arg(long, value_name = "PEOPLE", default_value = "3")]
    pub(crate) recovery_shares: Shares,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Shares {
    /// One page opens everything alone
    #[value(name = "1")]
    One,
    /// Any two of three pages open everything
    #[value(name = "3")]
    Three,
    /// Any three of five pages open everything
    #[value(name = "5")]
    Five,
}

impl From<Shares> for Holders {
    fn from(shares: Shares) -> Self {
        match shares {
            Shares::One => Self::One,
            Shares::Three => Self::TwoOfThree,
            Shares::Five => Self::ThreeOfFive,
        }
    }
}

#[derive(Args)]
pub(crate) struct Invite {
    /// Folder of this device
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// Name of the person
    #[arg(long, required_unless_present = "person")]
    pub(crate) name: Option<String>,
    /// What the person does
    #[arg(long, required_unless_present = "person")]
    pub(crate) role: Option<Role>,
    /// Somebody who has joined before and gets one more device; the page `staff` has their names
    #[arg(long = "for", value_name = "PERSON", conflicts_with_all = ["name", "role"])]
    pub(crate) person: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Role {
    /// Works one to one with young people
    Mentor,
    /// Supervises mentors and reads the files of their cases
    Supervisor,
    /// The designated safeguarding lead
    Safeguarding,
    /// Enrols people and devices
    Administrator,
}

impl From<Role> for StaffRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Mentor => Self::Mentor,
            Role::Supervisor => Self::Supervisor,
            Role::Safeguarding => Self::Safeguarding,
            Role::Administrator => Self::Administrator,
        }
    }
}

#[derive(Args)]
pub(crate) struct Join {
    /// Folder of this device; it is made if it is not there
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// The invitation, or - to read it from standard input, where no process list shows it
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) invitation: String,
}

#[derive(Args)]
pub(crate) struct Remove {
    /// Folder of this device, an administrator's
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// Name of the device that leaves: 32 hexadecimal digits
    #[arg(long, required_unless_present = "person")]
    pub(crate) device: Option<String>,
    /// Somebody who leaves with all their devices; the page `staff` then lists the cases to hand on
    #[arg(long, value_name = "PERSON", conflicts_with = "device")]
    pub(crate) person: Option<String>,
}

#[derive(Args)]
pub(crate) struct ResolveFork {
    /// Folder of this device, a supervisor's or safeguarding lead's
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// Name of the case
    #[arg(long)]
    pub(crate) case: String,
}

#[derive(Args)]
pub(crate) struct Recover {
    /// Folder of the new device; it is made if it is not there, and gone on with if recovering broke off
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// Address of the endpoint: https, or http on this machine
    #[arg(long)]
    pub(crate) endpoint: String,
    /// File with the recovery key or with a share of it, as it was written or as you have typed it from the paper; given
    /// once for each share
    #[arg(long, visible_alias = "share", required = true, value_name = "FILE")]
    pub(crate) recovery: Vec<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Drill {
    /// Folder of this device; a supervisor's or the safeguarding lead's knows every case
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// File with the recovery key or with a share of it; given once for each share
    #[arg(long, visible_alias = "share", required = true, value_name = "FILE")]
    pub(crate) recovery: Vec<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Pin {
    /// Folder of this device
    #[arg(long)]
    pub(crate) home: PathBuf,
}

#[derive(Args)]
pub(crate) struct Forgotten {
    #[command(subcommand)]
    pub(crate) step: ForgottenStep,
}

#[derive(Subcommand)]
pub(crate) enum ForgottenStep {
    /// Ask, on the phone whose PIN is forgotten: prints a line for a supervisor or administrator; up to 20 times a day
    Ask(Home),
    /// Help, on a supervisor's or administrator's device: says who asks and, with --yes, prints a line for their phone
    Answer(HelpAnswer),
    /// Use the help, on the phone that asked: the new PIN comes from FIELDFARE_NEW_PIN or is asked for twice
    Use(HelpUse),
}

#[derive(Args)]
pub(crate) struct Home {
    /// Folder of this device
    #[arg(long)]
    pub(crate) home: PathBuf,
}

#[derive(Args)]
pub(crate) struct HelpAnswer {
    /// Folder of this device
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// The line that the phone printed, or - to read it from standard input
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) request: String,
    /// Say that you have made sure who asks
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Args)]
pub(crate) struct HelpUse {
    /// Folder of this device
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// The line that the helper's device printed, or - to read it from standard input
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) answer: String,
}

#[derive(Args)]
pub(crate) struct Erase {
    /// Folder of the device whose records are to be destroyed
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// Say that it is meant: nothing asks again
    #[arg(long, required = true)]
    pub(crate) yes: bool,
}

#[derive(Args)]
pub(crate) struct ChangeRole {
    /// Folder of an administrator's device
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// The person; the page `staff` has their names
    #[arg(long)]
    pub(crate) person: String,
    /// What the person does from now on
    #[arg(long)]
    pub(crate) role: Role,
}

#[derive(Args)]
pub(crate) struct Rotate {
    /// Folder of this device
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// The case, with all its compartments; everything that this device reads if absent
    #[arg(long)]
    pub(crate) case: Option<String>,
}

#[derive(Args)]
pub(crate) struct CloseDeparture {
    /// Folder of this device
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// The case
    #[arg(long)]
    pub(crate) case: String,
    /// Who has handed it on; the page `case` names them among `mentors_before`
    #[arg(long)]
    pub(crate) person: String,
}

#[derive(Args)]
pub(crate) struct Run {
    /// Folder of this device
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// Compartment of the case that a note is begun in: file, reflection, intelligence or supervision
    #[arg(long)]
    pub(crate) compartment: Option<String>,
    /// Person with whom a supervision is held
    #[arg(long, requires = "compartment")]
    pub(crate) with: Option<String>,
    /// A command as JSON, for example {"do":"begin_note","case":"…"}; - reads one a line from standard input
    pub(crate) command: String,
}

#[derive(Args)]
pub(crate) struct Page {
    /// Folder of this device
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// Name of the page, for example today, caseload, case, note, search, exchange
    pub(crate) name: String,
    /// Its arguments as a JSON object, for example {"case":"…"}
    pub(crate) arguments: Option<String>,
}

#[derive(Args)]
pub(crate) struct Exchange {
    /// Folder of this device
    #[arg(long)]
    pub(crate) home: PathBuf,
}

#[derive(Args)]
pub(crate) struct Attach {
    /// Folder of this device
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// The note
    #[arg(long)]
    pub(crate) note: String,
    /// What kind of file it is, for example image/jpeg; told from the end of its name if absent
    #[arg(long)]
    pub(crate) media_type: Option<String>,
    /// The file, at most 10 MiB
    pub(crate) file: PathBuf,
}

#[derive(Args)]
pub(crate) struct Attachment {
    /// Folder of this device
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// The attachment
    #[arg(long)]
    pub(crate) id: String,
    /// New file for its content, which nothing encrypts there
    #[arg(long)]
    pub(crate) to: PathBuf,
}

/// The PIN is asked for twice. The audit gets a line, and one for each record withheld. docs/export.md explains the file.
#[derive(Args)]
pub(crate) struct Export {
    /// Folder of a supervisor's, safeguarding lead's or administrator's device that reads the case
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// The case
    #[arg(long)]
    pub(crate) case: String,
    /// New file, which nothing encrypts there
    #[arg(long)]
    pub(crate) to: PathBuf,
    /// A record to leave out with what hangs on it, and why: another_person, serious_harm, legal_privilege or
    /// crime_prejudiced; may be given more than once
    #[arg(long, value_name = "RECORD=REASON")]
    pub(crate) withhold: Vec<String>,
}

/// Everything but `start` takes no PIN and shows the next page.
#[derive(Subcommand)]
pub(crate) enum Handover {
    /// Close the store and lay the questions out
    Start(HandoverStart),
    /// Print the page that is shown
    Page(AtPage),
    /// Choose an answer to the question that is shown
    Answer(HandoverAnswer),
    /// Pass the question over; an answer given earlier is taken back
    Skip(AtPage),
    /// Go on: to the first question, or past one that has been shown before
    Next(AtPage),
    /// Go back by one page
    Back(AtPage),
    /// Stop: first to the last page, from there to the end
    Finish(AtPage),
}

#[derive(Args)]
pub(crate) struct HandoverStart {
    /// Folder of this device
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// The case
    #[arg(long)]
    pub(crate) case: String,
    /// Name of the scale, for example swemwbs or ons4
    #[arg(long)]
    pub(crate) scale: String,
    /// How it is answered and who else is there; may be given more than once
    #[arg(long, num_args = 1..)]
    pub(crate) present: Vec<Present>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Present {
    /// Read and answered alone
    Alone,
    /// Read aloud to the young person
    ReadAloud,
    /// Answered with help
    Helped,
    /// The mentor is there
    Mentor,
    /// A parent or carer is there
    Family,
    /// Another professional is there
    Professional,
    /// A friend or sibling is there
    Peer,
}

#[derive(Args)]
pub(crate) struct HandoverAnswer {
    #[command(flatten)]
    pub(crate) at_page: AtPage,
    /// The number of the answer
    pub(crate) answer: u8,
}

#[derive(Args)]
pub(crate) struct AtPage {
    /// Folder of this device
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// The number of the page that it is meant for; nothing is done if another one is shown
    #[arg(long)]
    pub(crate) at: Option<u32>,
}
