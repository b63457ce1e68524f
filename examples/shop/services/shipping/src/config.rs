//! The service's settings, read from its environment, once, at the start.

use std::fmt;
use std::time::Duration;

use tracing::level_filters::LevelFilter;

const NAME: &str = "shipping";

/// Everything that the environment decides.
#[derive(Debug, PartialEq)]
pub struct Config {
    pub service_name: String,
    pub host: String,
    pub port: u16,
    pub redis_url: String,
    pub log_level: LevelFilter,
    /// From SIGTERM to the end of the process, at most.
    pub grace_period: Duration,
    /// How long new connections are still taken after SIGTERM, so that a load balancer can notice
    /// that the service is no longer ready.
    pub drain_delay: Duration,
}

/// Names every setting that is missing or wrong, not only the first.
#[derive(Debug, PartialEq, Eq)]
pub struct WrongSettings(Vec<String>);

impl fmt::Display for WrongSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for WrongSettings {}

impl Config {
    /// Takes each variable from `environment`; an empty one is as good as none.
    pub fn load(environment: impl Fn(&str) -> Option<String>) -> Result<Self, WrongSettings> {
        let mut reader = Reader { environment, wrong: Vec::new() };
        let config = Self {
            service_name: reader.optional("SERVICE_NAME", NAME),
            host: reader.optional("HOST", "127.0.0.1"),
            port: reader.port("PORT"),
            redis_url: reader.required("REDIS_URL"),
            log_level: reader.level("LOG_LEVEL"),
            grace_period: reader.seconds("GRACE_PERIOD", Duration::from_secs(10)),
            drain_delay: reader.seconds("DRAIN_DELAY", Duration::ZERO),
        };
        if !config.drain_delay.is_zero() && config.drain_delay >= config.grace_period {
            reader.fail("DRAIN_DELAY", "must be shorter than GRACE_PERIOD");
        }
        if reader.wrong.is_empty() { Ok(config) } else { Err(WrongSettings(reader.wrong)) }
    }
}

struct Reader<E> {
    environment: E,
    wrong: Vec<String>,
}

impl<E: Fn(&str) -> Option<String>> Reader<E> {
    fn fail(&mut self, name: &str, message: &str) {
        self.wrong.push(format!("{name}: {message}"));
    }

    fn value(&self, name: &str) -> Option<String> {
        (self.environment)(name).filter(|value| !value.is_empty())
    }

    fn optional(&self, name: &str, fallback: &str) -> String {
        self.value(name).unwrap_or_else(|| fallback.to_owned())
    }

    fn required(&mut self, name: &str) -> String {
        let value = self.value(name);
        if value.is_none() {
            self.fail(name, "is not set");
        }
        value.unwrap_or_default()
    }

    /// 0 asks the kernel for a free port; the log line at the start tells which.
    fn port(&mut self, name: &str) -> u16 {
        let value = self.required(name);
        let port = value.parse();
        if port.is_err() && !value.is_empty() {
            self.fail(name, &format!("{value:?} is not a port (0 to 65535)"));
        }
        port.unwrap_or_default()
    }

    fn seconds(&mut self, name: &str, fallback: Duration) -> Duration {
        let Some(value) = self.value(name) else {
            return fallback;
        };
        match value.parse::<f64>() {
            Ok(seconds) if (0.0..=3600.0).contains(&seconds) => Duration::from_secs_f64(seconds),
            _ => {
                self.fail(name, &format!("{value:?} is not a number of seconds (0 to 3600)"));
                fallback
            }
        }
    }

    fn level(&mut self, name: &str) -> LevelFilter {
        match self.optional(name, "info").as_str() {
            "debug" => LevelFilter::DEBUG,
            "info" => LevelFilter::INFO,
            "warn" => LevelFilter::WARN,
            "error" => LevelFilter::ERROR,
            value => {
                self.fail(name, &format!("{value:?} is not one of debug, info, warn, error"));
                LevelFilter::INFO
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(pairs: &[(&str, &str)]) -> Result<Config, WrongSettings> {
        Config::load(|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn defaults_are_filled_in() {
        let config = load(&[("PORT", "8081"), ("REDIS_URL", "redis://localhost:6379")]).unwrap();
        assert_eq!((config.host.as_str(), config.port), ("127.0.0.1", 8081));
        assert_eq!(config.grace_period, Duration::from_secs(10));
        assert_eq!(config.drain_delay, Duration::ZERO);
        assert_eq!(config.log_level, LevelFilter::INFO);
    }

    #[test]
    fn what_is_set_is_taken() {
        let config = load(&[
            ("PORT", "1"),
            ("HOST", "0.0.0.0"),
            ("REDIS_URL", "redis://db:1/2"),
            ("SERVICE_NAME", "other"),
            ("LOG_LEVEL", "debug"),
            ("GRACE_PERIOD", "2.5"),
            ("DRAIN_DELAY", "1"),
        ]);
        let expected = Config {
            service_name: "other".to_owned(),
            host: "0.0.0.0".to_owned(),
            port: 1,
            redis_url: "redis://db:1/2".to_owned(),
            log_level: LevelFilter::DEBUG,
            grace_period: Duration::from_millis(2500),
            drain_delay: Duration::from_secs(1),
        };
        assert_eq!(config, Ok(expected));
    }

    #[test]
    fn everything_that_is_wrong_is_named() {
        let wrong = load(&[
            ("PORT", "http"),
            ("LOG_LEVEL", "loud"),
            ("GRACE_PERIOD", "soon"),
            ("DRAIN_DELAY", "-1"),
        ]);
        let message = wrong.unwrap_err().to_string();
        for name in ["PORT", "REDIS_URL", "LOG_LEVEL", "GRACE_PERIOD", "DRAIN_DELAY"] {
            assert!(message.contains(&format!("{name}: ")), "{name} is not named in: {message}");
        }
    }

    #[test]
    fn ports_out_of_range_are_refused() {
        for port in ["", "-1", "65536", "80x"] {
            let wrong = load(&[("PORT", port), ("REDIS_URL", "redis://db")]).unwrap_err();
            assert_eq!(wrong.0.len(), 1, "{port}: {wrong}");
        }
    }

    #[test]
    fn a_drain_delay_must_leave_time_to_drain() {
        let pairs = [("PORT", "1"), ("REDIS_URL", "redis://db"), ("GRACE_PERIOD", "2")];
        assert!(load(&[&pairs[..], &[("DRAIN_DELAY", "2")]].concat()).is_err());
        assert!(load(&[&pairs[..], &[("DRAIN_DELAY", "1.9")]].concat()).is_ok());
    }
}
