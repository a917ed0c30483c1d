//! `X-HTTP-Method-Override`: for environments that cannot send PATCH or DELETE.

use http::{HeaderMap, HeaderName, Method};

use super::{InvalidHeader, SingletonHeader, name};

/// The method that a request means: `X-HTTP-Method-Override` where it is sent and not empty, else
/// its actual method (TUS 1.0.0, "X-HTTP-Method-Override": the actual method is ignored then).
///
/// # Errors
/// [`InvalidHeader`] where the header stands more than once or names no method.
pub fn effective_method(actual: &Method, headers: &HeaderMap) -> Result<Method, InvalidHeader> {
    let overriding = MethodOverride::read(headers)?.and_then(|MethodOverride(method)| method);
    Ok(overriding.unwrap_or_else(|| actual.clone()))
}

struct MethodOverride(Option<Method>);

impl SingletonHeader for MethodOverride {
    const NAME: HeaderName = name::METHOD_OVERRIDE;

    fn parse(value: &[u8]) -> Result<Self, &'static str> {
        if value.is_empty() {
            return Ok(Self(None));
        }
        Method::from_bytes(value)
            .map(|method| Self(Some(method)))
            .map_err(|_| "must be a method")
    }
}
