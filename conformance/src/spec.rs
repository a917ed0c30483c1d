//! What a statement refers to: a section of a document, and how strongly that speaks.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How strongly a document asks for something (RFC 2119).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Strength {
    /// An absolute requirement.
    Must,
    /// What may be left undone for good reasons only.
    Should,
    /// What a server may do; where it does, it must do it like this.
    May,
}

impl fmt::Display for Strength {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
        })
    }
}

/// Who says so.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Document {
    /// The specification of TUS 1.0.0.
    Tus,
    /// The specifications of HTTP, and those of browsers.
    Http,
    /// Nobody in writing: what clients that are in use need, and what uploads need that survive.
    Field,
}

impl fmt::Display for Document {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Tus => "TUS",
            Self::Http => "HTTP",
            Self::Field => "field",
        })
    }
}

/// A section of a document.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Section {
    /// The document.
    pub document: Document,
    /// What the section is called.
    pub title: &'static str,
    /// Where it can be read. Empty where nobody wrote it down.
    pub url: &'static str,
}

impl fmt::Display for Section {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.title)
    }
}

macro_rules! sections {
    ($($document:ident { $($name:ident $title:literal $url:expr;)* })*) => {
        $($(
            #[doc = $title]
            pub(crate) const $name: Section = Section {
                document: Document::$document,
                title: $title,
                url: $url,
            };
        )*)*
    };
}

macro_rules! tus {
    ($anchor:literal) => {
        concat!("https://tus.io/protocols/resumable-upload#", $anchor)
    };
}

sections! {
    Tus {
        CORE "Core Protocol" tus!("core-protocol");
        UPLOAD_OFFSET "Core Protocol: Upload-Offset" tus!("upload-offset");
        UPLOAD_LENGTH "Core Protocol: Upload-Length" tus!("upload-length");
        TUS_VERSION "Core Protocol: Tus-Version" tus!("tus-version");
        TUS_RESUMABLE "Core Protocol: Tus-Resumable" tus!("tus-resumable");
        TUS_EXTENSION "Core Protocol: Tus-Extension" tus!("tus-extension");
        TUS_MAX_SIZE "Core Protocol: Tus-Max-Size" tus!("tus-max-size");
        METHOD_OVERRIDE "Core Protocol: X-HTTP-Method-Override" tus!("x-http-method-override");
        HEAD "Core Protocol: HEAD" tus!("head");
        PATCH "Core Protocol: PATCH" tus!("patch");
        OPTIONS "Core Protocol: OPTIONS" tus!("options");
        CREATION "Creation" tus!("creation");
        UPLOAD_METADATA "Creation: Upload-Metadata" tus!("upload-metadata");
        CREATION_POST "Creation: POST" tus!("post");
        DEFER_LENGTH "Creation: Upload-Defer-Length" tus!("upload-defer-length");
        CREATION_WITH_UPLOAD "Creation With Upload" tus!("creation-with-upload");
        EXPIRATION "Expiration" tus!("expiration");
        UPLOAD_EXPIRES "Expiration: Upload-Expires" tus!("upload-expires");
        CHECKSUM "Checksum" tus!("checksum");
        CHECKSUM_ALGORITHM "Checksum: Tus-Checksum-Algorithm" tus!("tus-checksum-algorithm");
        UPLOAD_CHECKSUM "Checksum: Upload-Checksum" tus!("upload-checksum");
        TERMINATION "Termination" tus!("termination");
        CONCATENATION "Concatenation" tus!("concatenation");
        UPLOAD_CONCAT "Concatenation: Upload-Concat" tus!("upload-concat");
    }
    Http {
        HTTP_METHODS "RFC 9110, 9: Methods" "https://www.rfc-editor.org/rfc/rfc9110#section-9";
        HTTP_STATUS "RFC 9110, 15: Status Codes" "https://www.rfc-editor.org/rfc/rfc9110#section-15";
        HTTP_DATE "RFC 9110, 6.6.1: Date" "https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1";
        HTTP_CONTENT_TYPE "RFC 9110, 8.3: Content-Type" "https://www.rfc-editor.org/rfc/rfc9110#section-8.3";
        HTTP_FIELDS "RFC 9110, 5: Fields" "https://www.rfc-editor.org/rfc/rfc9110#section-5";
        HTTP_CONTENT "RFC 9110, 6.4: Content" "https://www.rfc-editor.org/rfc/rfc9110#section-6.4";
        HTTP_TRAILERS "RFC 9110, 6.5.1: Limitations on Use of Trailers" "https://www.rfc-editor.org/rfc/rfc9110#section-6.5.1";
        TRANSFER_FIELDS "RFC 9110, 8.6: Content-Length; RFC 9112, 6.1: Transfer-Encoding" "https://www.rfc-editor.org/rfc/rfc9110#section-8.6";
        HTTP_ALLOW "RFC 9110, 15.5.6: 405 Method Not Allowed" "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.6";
        HTTP_EXPECT "RFC 9110, 10.1.1: Expect" "https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1";
        HTTP_RANGE "RFC 9110, 14: Range Requests" "https://www.rfc-editor.org/rfc/rfc9110#section-14";
        HTTP_CONDITIONAL "RFC 9110, 13: Conditional Requests" "https://www.rfc-editor.org/rfc/rfc9110#section-13";
        HTTP_HOST "RFC 9112, 3.2: Request Target" "https://www.rfc-editor.org/rfc/rfc9112#section-3.2";
        HTTP_SYNTAX "RFC 9112, 5: Field Syntax" "https://www.rfc-editor.org/rfc/rfc9112#section-5";
        HTTP_BODY_LENGTH "RFC 9112, 6: Message Body" "https://www.rfc-editor.org/rfc/rfc9112#section-6";
        HTTP_CONNECTION "RFC 9112, 9: Connection Management" "https://www.rfc-editor.org/rfc/rfc9112#section-9";
        HTTP2 "RFC 9113: HTTP/2" "https://www.rfc-editor.org/rfc/rfc9113";
        CONTENT_DISPOSITION "RFC 6266: Content-Disposition" "https://www.rfc-editor.org/rfc/rfc6266";
        CORS "Fetch: CORS protocol" "https://fetch.spec.whatwg.org/#http-cors-protocol";
    }
    Field {
        RESILIENCE "Resilience" "";
        CLIENTS "Clients in use" "";
        SECURITY "Strangers" "";
    }
}
