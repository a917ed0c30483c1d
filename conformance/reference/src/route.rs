//! The order of checks: HTTP, method override, OPTIONS, version, path, method, and then each method's own.

use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, Version};

use crate::answer::{Connection, Handled, Refusal};
use crate::body::Body;
use crate::concat::Place;
use crate::fault::Behaviour;
use crate::service::Call;
use crate::settings::Extension;
use crate::{append, create, discover, download, fields, inspect, terminate};

/// Answers a request, or says why not.
pub(crate) async fn route(call: &Call, body: &mut Body) -> Handled {
    let parts = &call.parts;
    check_http(parts.version, &parts.headers)?;
    if call.has(Behaviour::ContinuesBeforeChecking) {
        body.ask().await;
    }
    let method = effective_method(&parts.headers)?.unwrap_or_else(|| parts.method.clone());
    let path = parts.uri.path();
    let place = Place::of(path, &call.settings().path);

    if method == Method::OPTIONS && (path == "*" || place != Place::Outside) {
        return Ok(discover::options(call, &allowed(call, &place)));
    }
    check_version(&method, &parts.headers)?;
    if place == Place::Outside {
        return Err(Refusal::new(404, "there is nothing here"));
    }
    let allowed = allowed(call, &place);
    if !allowed.contains(&method) {
        return Err(
            Refusal::new(405, "this method does nothing here").with("allow", join(&allowed))
        );
    }
    match (place, method) {
        (Place::Upload(id), Method::HEAD) => inspect::head(call, &id).await,
        (Place::Upload(id), Method::PATCH) => append::patch(call, &id, body).await,
        (Place::Upload(id), Method::DELETE) => terminate::delete(call, &id).await,
        (Place::Upload(id), _) => download::get(call, &id),
        (Place::Creation | Place::Outside, _) => create::post(call, body).await,
    }
}

/// What hyper lets through: a Host that is missing, doubled or none, and codings under the chunked one.
fn check_http(version: Version, headers: &HeaderMap) -> Result<(), Refusal> {
    let hosts: Vec<_> = headers
        .get_all("host")
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    let is_fine = match hosts.as_slice() {
        [] => version != Version::HTTP_11,
        [b""] => true,
        [host] => !host.contains(&b'@') && Authority::try_from(*host).is_ok(),
        _ => false,
    };
    if !is_fine {
        return Err(Refusal::malformed("there must be one Host").and(Connection::Close));
    }
    let codings = headers.get_all("transfer-encoding").iter();
    let mut others = codings.filter(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked"));
    if others.next().is_some() {
        return Err(
            Refusal::malformed("chunked is the only transfer coding").and(Connection::Close)
        );
    }
    Ok(())
}

/// The method that `X-HTTP-Method-Override` names.
pub(crate) fn effective_method(headers: &HeaderMap) -> Result<Option<Method>, Refusal> {
    match fields::single(headers, "x-http-method-override")? {
        None | Some(b"") => Ok(None),
        Some(name) => {
            let method = Method::from_bytes(name);
            method
                .map(Some)
                .map_err(|_| Refusal::malformed("X-HTTP-Method-Override names no method"))
        }
    }
}

/// A version that is there must be ours; only requests that change something must have one.
fn check_version(method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
    let lines: Vec<_> = headers
        .get_all("tus-resumable")
        .iter()
        .map(|line| line.as_bytes().trim_ascii())
        .collect();
    let must_have_one = [Method::POST, Method::PATCH, Method::DELETE].contains(method);
    let is_fine = match lines.as_slice() {
        _ if *method == Method::GET => true,
        [] => !must_have_one,
        [version] => *version == b"1.0.0",
        _ => false,
    };
    if is_fine {
        Ok(())
    } else {
        Err(Refusal::new(412, "Tus-Resumable must be 1.0.0").with("tus-version", "1.0.0"))
    }
}

/// The methods that do something at a place.
fn allowed(call: &Call, place: &Place) -> Vec<Method> {
    let settings = call.settings();
    let mut methods = Vec::new();
    if *place == Place::Creation && settings.offers(Extension::Creation) {
        methods.push(Method::POST);
    }
    if let Place::Upload(_) = place {
        methods.extend([Method::HEAD, Method::PATCH]);
        if settings.offers(Extension::Termination) {
            methods.push(Method::DELETE);
        }
        if settings.downloads {
            methods.push(Method::GET);
        }
    }
    methods.push(Method::OPTIONS);
    methods
}

/// The value of `Allow`.
pub(crate) fn join(methods: &[Method]) -> String {
    methods
        .iter()
        .map(Method::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}
