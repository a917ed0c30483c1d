//! Answers in HTTP/1.1, read from what comes.

use std::io;

use bytes::{Buf, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::io::{AsyncReadExt, ReadHalf};

use crate::http::connector::Stream;
use crate::http::{Protocol, Response};

/// The fields that an answer may have.
const MAX_FIELDS: usize = 200;

/// The bytes that the head of an answer may have.
const MAX_HEAD: usize = 1 << 20;

/// The next answer, with the interim ones before it.
pub(super) async fn answer(
    reader: &mut ReadHalf<Stream>,
    buffer: &mut BytesMut,
    is_head: bool,
) -> io::Result<Response> {
    let mut interim = Vec::new();
    let mut response = loop {
        let response = head(reader, buffer).await?;
        if !response.status.is_informational() {
            break response;
        }
        interim.push(response.status);
    };
    response.interim = interim;
    if !is_head && !matches!(response.status.as_u16(), 204 | 304) {
        response.content = content(reader, buffer, &response).await?;
    }
    Ok(response)
}

/// The next head: of an interim answer, or of the last one.
pub(super) async fn head(
    reader: &mut ReadHalf<Stream>,
    buffer: &mut BytesMut,
) -> io::Result<Response> {
    loop {
        if let Some((response, length)) = parse_head(buffer)? {
            buffer.advance(length);
            return Ok(response);
        }
        if buffer.len() > MAX_HEAD {
            return Err(malformed("a head without an end"));
        }
        if reader.read_buf(buffer).await? == 0 {
            return Err(match buffer.len() {
                0 => closed("before an answer came"),
                received => closed(&format!("after {received} bytes of an answer")),
            });
        }
    }
}

fn parse_head(buffer: &[u8]) -> io::Result<Option<(Response, usize)>> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut head = httparse::Response::new(&mut fields);
    let length = match head.parse(buffer).map_err(malformed)? {
        httparse::Status::Complete(length) => length,
        httparse::Status::Partial => return Ok(None),
    };
    let status = head.code.unwrap_or_default();
    let mut response = Response {
        protocol: Protocol::Http1,
        status: StatusCode::from_u16(status).map_err(malformed)?,
        fields: HeaderMap::new(),
        content: Vec::new(),
        interim: Vec::new(),
    };
    for field in head.headers {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(malformed)?;
        let value = HeaderValue::from_bytes(field.value).map_err(malformed)?;
        response.fields.append(name, value);
    }
    Ok(Some((response, length)))
}

async fn content(
    reader: &mut ReadHalf<Stream>,
    buffer: &mut BytesMut,
    response: &Response,
) -> io::Result<Vec<u8>> {
    let coding = response.field("transfer-encoding").unwrap_or_default();
    if coding.to_ascii_lowercase().ends_with("chunked") {
        return chunks(reader, buffer).await;
    }
    if let Some(length) = response.field("content-length") {
        let length = length.trim().parse().map_err(malformed)?;
        return exactly(reader, buffer, length).await;
    }
    while reader.read_buf(buffer).await? > 0 {}
    Ok(buffer.split().to_vec())
}

async fn chunks(reader: &mut ReadHalf<Stream>, buffer: &mut BytesMut) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    loop {
        let line = line(reader, buffer).await?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(malformed)?;
        if size == 0 {
            break;
        }
        content.extend(exactly(reader, buffer, size).await?);
        if !self::line(reader, buffer).await?.is_empty() {
            return Err(malformed("a chunk that does not end where it should"));
        }
    }
    while !line(reader, buffer).await?.is_empty() {}
    Ok(content)
}

async fn exactly(
    reader: &mut ReadHalf<Stream>,
    buffer: &mut BytesMut,
    length: usize,
) -> io::Result<Vec<u8>> {
    while buffer.len() < length {
        if reader.read_buf(buffer).await? == 0 {
            let received = buffer.len();
            let place = format!("after {received} of {length} bytes of the content of an answer");
            return Err(closed(&place));
        }
    }
    Ok(buffer.split_to(length).to_vec())
}

async fn line(reader: &mut ReadHalf<Stream>, buffer: &mut BytesMut) -> io::Result<String> {
    loop {
        if let Some(end) = buffer.windows(2).position(|window| window == b"\r\n") {
            let line = buffer.split_to(end).to_vec();
            buffer.advance(2);
            return String::from_utf8(line).map_err(malformed);
        }
        if buffer.len() > MAX_HEAD {
            return Err(malformed("a line without an end"));
        }
        if reader.read_buf(buffer).await? == 0 {
            return Err(closed("between the chunks of an answer"));
        }
    }
}

fn closed(place: &str) -> io::Error {
    let reason = format!("the connection was closed {place}");
    io::Error::new(io::ErrorKind::UnexpectedEof, reason)
}

fn malformed(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}
