//! HTTP/1.1 in forty lines: one request, one answer, one connection.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer taken apart.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: String,
    pub body: Vec<u8>,
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

pub fn head(method: &str, path: &str, headers: &[(&str, String)]) -> String {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("{method} {path} HTTP/1.1\r\nhost: endpoint\r\nconnection: close\r\n{lines}\r\n")
}

pub fn post(address: SocketAddr, path: &str, headers: &[(&str, String)], body: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let length = [headers, &[("content-length", body.len().to_string())]].concat();
    stream.write_all(head("POST", path, &length).as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    read(&mut stream)
}

/// Reads an answer to its end; `None` if it breaks off before its head is complete.
pub fn read(stream: &mut TcpStream) -> Option<Answer> {
    let mut bytes = Vec::new();
    // A connection that is reset after the answer has still answered.
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let headers = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let status = headers.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, headers, body: bytes[end + 4..].to_vec() })
}
