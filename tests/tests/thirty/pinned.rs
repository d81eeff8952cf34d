//! An endpoint proves itself with a pinned key, in use or in reserve, and nobody else does.
//!
//! Real TLS on this machine, with an authority of our own that vouches for whoever is asked to be believed.

use std::sync::Arc;

use fieldfare_core::app::{Fieldfare, Founding};
use fieldfare_core::contract::{Problem, StaffRole};
use fieldfare_core::ports::{
    Call, EndpointAddress, HttpsTransport, KeyPin, Ports, SystemClock, Transport, TransportProblem,
};
use fieldfare_core::vault::Holders;
use fieldfare_protocol::request::EXCHANGE_PATH;
use tests::binary::finish;
use tests::device::Device;
use tests::phone::{PIN, cheap, ports, start_endpoint};
use tests::tls::{Authority, Certified, TlsFront};

/// An endpoint behind TLS, and who vouches for it.
struct Scene {
    folder: tempfile::TempDir,
    _endpoint: fieldfare_endpoint::Endpoint,
    authority: Authority,
    front: TlsFront,
}

impl Scene {
    fn new(authority: Authority, certified: &Certified) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let endpoint = start_endpoint(&folder.path().join("endpoint"));
        let front = TlsFront::before(endpoint.address(), certified);
        Self { folder, _endpoint: endpoint, authority, front }
    }

    fn address(&self, pins: &[KeyPin]) -> String {
        EndpointAddress { url: format!("https://{}", self.front.address), pins: pins.to_vec() }.to_string()
    }

    fn transport(&self) -> HttpsTransport {
        HttpsTransport::trusting(&[self.authority.der()]).unwrap()
    }

    /// What a call to an endpoint with these pins ends with: a status, or a problem.
    fn calls(&self, pins: &[KeyPin]) -> Result<u16, TransportProblem> {
        self.calls_with(&self.transport(), pins)
    }

    fn calls_with(&self, transport: &HttpsTransport, pins: &[KeyPin]) -> Result<u16, TransportProblem> {
        let call = Call {
            base_url: self.address(pins),
            path: EXCHANGE_PATH.to_owned(),
            headers: Vec::new(),
            body: vec![1],
            answer_bytes_max: 1_000,
        };
        transport.post(call).map(|answer| answer.status)
    }
}

const RESERVE: KeyPin = [7; 32];
const REFUSED: Result<u16, TransportProblem> = Err(TransportProblem::NotTrusted);

#[test]
fn r23_the_key_in_use_or_the_one_in_reserve_and_no_other_proves_the_endpoint() {
    let authority = Authority::new();
    let (in_use, in_reserve, others) =
        (authority.certify(&[]), authority.certify(&[]), authority.certify(&[]));
    let pins = [in_use.pin, in_reserve.pin];
    let scene = Scene::new(authority, &in_use);
    let answered = |answer: Result<u16, TransportProblem>| answer.is_ok_and(|status| status >= 400);
    assert!(answered(scene.calls(&pins)), "{:?}", scene.calls(&pins));
    scene.front.show(&in_reserve);
    assert!(answered(scene.calls(&pins)));
    scene.front.show(&others);
    assert_eq!(scene.calls(&pins), REFUSED);
    // A client that has believed one set of pins does not believe it for another.
    let transport = scene.transport();
    assert!(answered(scene.calls_with(&transport, &[others.pin, RESERVE])));
    assert_eq!(scene.calls_with(&transport, &pins), REFUSED);
}

#[test]
fn r23_whoever_vouches_may_be_pinned_and_a_certificate_that_is_merely_sent_along_proves_nothing() {
    let root = Authority::new();
    let between = root.between();
    let honest = between.certify(&[between.der()]);
    // Vouched for by the same root, with the pinned certificate as a decoration.
    let decorated = root.certify(&[between.der()]);
    let (pins, of_root) = ([between.pin(), RESERVE], [root.pin(), RESERVE]);
    let scene = Scene::new(root, &honest);
    assert!(scene.calls(&pins).is_ok());
    scene.front.show(&decorated);
    assert_eq!(scene.calls(&pins), REFUSED);
    assert!(scene.calls(&of_root).is_ok(), "nobody stands between");
}

#[test]
fn r23_a_pinned_key_that_nobody_vouches_for_proves_nothing() {
    let (ours, strange) = (Authority::new(), Authority::new());
    let certified = strange.certify(&[]);
    let scene = Scene::new(ours, &certified);
    assert_eq!(scene.calls(&[certified.pin, RESERVE]), REFUSED);
    // Nor is it believed where no pin is asked for.
    let url = format!("https://{}", scene.front.address);
    assert_eq!(scene.transport().address_with_pins(&url).err(), Some(TransportProblem::NotTrusted));
    // Nor does anybody answer to a plain address.
    let bare = Call {
        base_url: format!("https://{}", scene.front.address),
        path: EXCHANGE_PATH.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        answer_bytes_max: 1_000,
    };
    assert_eq!(scene.transport().post(bare).err(), Some(TransportProblem::NotPinned));
}

#[test]
fn r23_whoever_runs_an_endpoint_is_shown_its_address_with_pins() {
    let authority = Authority::new();
    let certified = authority.certify(&[]);
    let scene = Scene::new(authority, &certified);
    let url = format!("https://{}", scene.front.address);
    let shown = scene.transport().address_with_pins(&url).unwrap();
    assert_eq!(shown.to_string(), scene.address(&[certified.pin, scene.authority.pin()]));
    assert!(
        HttpsTransport::new().unwrap().address_with_pins(&url).is_err(),
        "the world does not vouch for it"
    );
}

#[test]
fn r23_an_invitation_carries_the_pins_and_a_stranger_with_a_good_certificate_hears_nothing() {
    let authority = Authority::new();
    let (in_use, in_reserve, stranger) =
        (authority.certify(&[]), authority.certify(&[]), authority.certify(&[]));
    let scene = Scene::new(authority, &in_use);
    let home = |name: &str| scene.folder.path().join(name);
    let lent = |name: &str| Ports {
        transport: Arc::new(scene.transport()),
        ..ports(&home(name), Arc::new(SystemClock))
    };
    let address = scene.address(&[in_use.pin, in_reserve.pin]);
    let founding = Founding {
        organisation: "Test Mentoring",
        base_url: &address,
        recovery_file: &home("recovery"),
        holders: Holders::One,
    };
    let administrator = Fieldfare::found(&home("desk"), lent("desk"), PIN, cheap(), &founding).unwrap();
    let invitation = administrator.invite("Robin", StaffRole::Mentor).unwrap();
    scene.front.show(&stranger);
    let join = || Fieldfare::join(&home("robin"), lent("robin"), PIN, cheap(), &invitation);
    assert_eq!(join().err(), Some(Problem::EndpointNotTrusted));
    scene.front.show(&in_reserve);
    let robin = join().unwrap();
    robin.exchange(|_| ()).unwrap();
    robin.lock();
    scene.front.show(&stranger);
    let robin = Fieldfare::unlock(&home("robin"), lent("robin"), PIN).unwrap();
    assert_eq!(robin.exchange(|_| ()).err(), Some(Problem::EndpointNotTrusted));
    // What is shown to a person is where the endpoint is.
    let page = tests::phone::page(&robin, serde_json::json!({"page": "exchange"}));
    assert_eq!(page["endpoint"], format!("https://{}", scene.front.address));
}

#[test]
fn r23_what_is_said_to_this_machine_goes_through_no_proxy() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = start_endpoint(&folder.path().join("endpoint"));
    let device = Device::at(&folder.path().join("desk"));
    let (url, recovery) = (format!("http://{}", endpoint.address()), folder.path().join("recovery"));
    let mut command = device.command("found", &["--organisation", "Harbour", "--endpoint", &url]);
    command.arg("--recovery").arg(recovery);
    // Nobody listens there: whatever went through it would be lost.
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env(name, "http://127.0.0.1:1");
    }
    assert_eq!(finish(&mut command, b"").done()["founded"], true);
}
