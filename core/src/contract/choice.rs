//! The closed lists of the field: cohorts, places, kinds of contact, levels of risk, and the like.
//!
//! Each choice has a lasting name that is stored and travels; the words shown for it belong to the shells.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[cfg_attr(feature = "foreign", derive(uniffi::Enum))]
        pub enum $name {
            $($(#[$each])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every lasting name, in the order of declaration.
            pub const NAMES: &'static [&'static str] = &[$($text),+];

            /// The lasting name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The choice of a lasting name; `None` for one that a newer app may know.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

choice!(
    /// How intensive support is. Protect is three or more meetings a week over 12 months; Prevent is the service's own target.
    Cohort {
        /// Thought to be involved in serious youth violence.
        Protect = "protect",
        /// Vulnerable to exploitation, for example a sibling or peer.
        Prevent = "prevent",
    }
);

choice!(
    /// Level of risk, the gravest first.
    RiskLevel {
        /// Harm is likely and near.
        VeryHigh = "very_high",
        /// Harm is likely.
        High = "high",
        /// Harm is possible.
        Medium = "medium",
        /// No sign of harm at present.
        Low = "low",
    }
);

choice!(
    /// Parts of a case that different people read, each under keys of its own.
    Compartment {
        /// The file: whoever works on the case, supervisors and the safeguarding lead.
        File = "file",
        /// A mentor's own reflection: the mentor and their supervisor.
        Reflection = "reflection",
        /// What others know and must not stand among the notes: the safeguarding lead and the mentors' supervisors.
        Intelligence = "intelligence",
        /// Supervision: the two who hold it.
        Supervision = "supervision",
    }
);

choice!(
    /// Where a contact took place.
    Place {
        /// In a car.
        Car = "car",
        /// A café or fast-food place.
        Cafe = "cafe",
        /// The young person's home.
        Home = "home",
        /// A garden, a park, a walk with the dog.
        Outdoors = "outdoors",
        /// School or another place of education.
        School = "school",
        /// A club, a gym, a youth centre.
        Activity = "activity",
        /// A police station, a court, a prison.
        Justice = "justice",
        /// An office of the service or a partner.
        Office = "office",
        /// Online or by telephone.
        Remote = "remote",
        /// Anywhere else.
        Elsewhere = "elsewhere",
    }
);

choice!(
    /// What kind of contact it was.
    ContactKind {
        /// One to one with the young person.
        OneToOne = "one_to_one",
        /// In a group.
        Group = "group",
        /// With a parent, carer or sibling.
        Family = "family",
        /// With a professional about the young person.
        Professional = "professional",
        /// By telephone or video.
        Call = "call",
        /// By message.
        Message = "message",
        /// A response to a crisis.
        Crisis = "crisis",
        /// The young person did not come.
        Missed = "missed",
    }
);

choice!(
    /// Who else was there while a scale was answered.
    Company {
        /// Nobody but the young person and the phone.
        Nobody = "nobody",
        /// The mentor.
        Mentor = "mentor",
        /// A parent or carer.
        Family = "family",
        /// Another professional.
        Professional = "professional",
        /// A friend or sibling.
        Peer = "peer",
    }
);

choice!(
    /// How a scale was answered. Help makes answers rosier, so it is part of the record.
    Manner {
        /// Read and answered alone.
        Alone = "alone",
        /// Read aloud, answered by the young person.
        ReadAloud = "read_aloud",
        /// Answered with help.
        Helped = "helped",
    }
);

choice!(
    /// How a goal ended.
    GoalOutcome {
        /// The young person achieved it.
        Achieved = "achieved",
        /// The young person let it go.
        LetGo = "let_go",
    }
);

choice!(
    /// What a safeguarding concern is about.
    ConcernKind {
        /// Something the young person disclosed.
        Disclosure = "disclosure",
        /// The young person is missing now.
        Missing = "missing",
        /// A threat to the young person or the family.
        Threat = "threat",
        /// A weapon.
        Weapon = "weapon",
        /// Exploitation.
        Exploitation = "exploitation",
        /// Self-harm or danger to life.
        SelfHarm = "self_harm",
        /// Anything else that cannot wait.
        Other = "other",
    }
);

choice!(
    /// How far a concern has come, the least handled first.
    ConcernState {
        /// Raised, and nobody has taken it on.
        Raised = "raised",
        /// A supervisor or the safeguarding lead has read it and acts.
        TakenOn = "taken_on",
        /// Dealt with.
        Closed = "closed",
    }
);

choice!(
    /// What a member of staff does.
    StaffRole {
        /// Works one to one with young people.
        Mentor = "mentor",
        /// Supervises mentors.
        Supervisor = "supervisor",
        /// The designated safeguarding lead.
        Safeguarding = "safeguarding",
        /// Enrols people and devices.
        Administrator = "administrator",
    }
);
