//! [`Manner`]: how often and how long a request is tried.

use std::time::Duration;

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{Builder, Config, StalledStreamProtectionConfig};

/// How long it may take to connect.
const CONNECT: Duration = Duration::from_secs(5);

/// How long a body may stand still.
const STALL: Duration = Duration::from_secs(60);

/// What a body may have, in bytes, that is sent within the time of a request without one.
const SMALL: u64 = 1 << 20;

/// How slow a body may be sent, in bytes per second.
const SLOWEST: u64 = 256 << 10;

/// How long the shortest body that is not small may take.
const SHORTEST_TRANSFER: Duration = Duration::from_secs(30);

/// How often and how long a request is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Manner {
    attempts: u32,
    /// How long an attempt may take, up to the end of the answer's head.
    attempt: Duration,
    /// Whether an attempt ends early where nothing moves.
    watched: bool,
}

impl Manner {
    /// A request with little to send and little to do.
    pub(super) const CONTROL: Self = Self {
        attempts: 3,
        attempt: Duration::from_secs(10),
        watched: true,
    };

    /// A request that lets the store copy bytes, about which it is silent for minutes.
    pub(super) const LONG: Self = Self {
        attempts: 3,
        attempt: Duration::from_secs(600),
        watched: false,
    };

    /// A request with so many bytes to send.
    pub(super) fn transfer(bytes: u64) -> Self {
        if bytes <= SMALL {
            return Self::CONTROL;
        }
        Self {
            attempt: SHORTEST_TRANSFER.max(Duration::from_secs(bytes / SLOWEST)),
            ..Self::CONTROL
        }
    }

    /// The same, but tried once. A conditional request that is sent again meets its own first
    /// attempt, and its refusal would say nothing.
    pub(super) fn once(self) -> Self {
        Self {
            attempts: 1,
            ..self
        }
    }

    /// How long one attempt may take.
    pub(super) fn attempt(self) -> Duration {
        self.attempt
    }

    /// What is different for one request.
    pub(super) fn overrides(self) -> Builder {
        self.apply(Config::builder())
    }

    /// Says in `builder` all that there is to say of it, so that nothing is inherited.
    pub(super) fn apply(self, builder: Builder) -> Builder {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .disable_read_timeout()
            .operation_attempt_timeout(self.attempt)
            .disable_operation_timeout();
        let stalls = if self.watched {
            StalledStreamProtectionConfig::enabled()
                .grace_period(STALL)
                .build()
        } else {
            StalledStreamProtectionConfig::disabled()
        };
        let retries = if self.attempts > 1 {
            RetryConfig::standard().with_max_attempts(self.attempts)
        } else {
            RetryConfig::disabled()
        };
        builder
            .timeout_config(timeouts.build())
            .stalled_stream_protection(stalls)
            .retry_config(retries)
    }
}
