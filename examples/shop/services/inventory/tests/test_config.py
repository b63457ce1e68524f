import pytest

from app.config import Config, ConfigError, load

REQUIRED = {"PORT": "8081", "REDIS_URL": "redis://localhost:6379"}


def test_defaults() -> None:
    config = load(REQUIRED)
    assert (config.host, config.port, config.log_level) == ("127.0.0.1", 8081, "info")
    assert (config.grace_period, config.drain_delay) == (10, 0)


def test_what_is_set_is_taken() -> None:
    config = load(
        {
            "PORT": "1",
            "HOST": "0.0.0.0",  # noqa: S104
            "REDIS_URL": "redis://db:1/2",
            "SERVICE_NAME": "other",
            "LOG_LEVEL": "debug",
            "GRACE_PERIOD": "2.5",
            "DRAIN_DELAY": "1",
        }
    )
    assert config == Config("other", "0.0.0.0", 1, "redis://db:1/2", "debug", 2.5, 1)  # noqa: S104


def test_everything_that_is_wrong_is_named() -> None:
    with pytest.raises(ConfigError) as error:
        load({"PORT": "http", "LOG_LEVEL": "loud", "GRACE_PERIOD": "soon", "DRAIN_DELAY": "-1"})
    named = [line.split(":")[0] for line in str(error.value).splitlines()]
    assert sorted(named) == ["DRAIN_DELAY", "GRACE_PERIOD", "LOG_LEVEL", "PORT", "REDIS_URL"]


@pytest.mark.parametrize("port", ["", "-1", "65536", "80x", "²"])
def test_wrong_ports(port: str) -> None:
    with pytest.raises(ConfigError, match="PORT"):
        load(REQUIRED | {"PORT": port})


@pytest.mark.parametrize(
    "url", ["", "localhost:6379", "http://localhost", "redis://", "redis://h/x", "redis://h:p"]
)
def test_wrong_redis_urls(url: str) -> None:
    with pytest.raises(ConfigError, match="REDIS_URL"):
        load(REQUIRED | {"REDIS_URL": url})


def test_the_drain_delay_must_leave_time() -> None:
    with pytest.raises(ConfigError, match="DRAIN_DELAY"):
        load(REQUIRED | {"GRACE_PERIOD": "2", "DRAIN_DELAY": "2"})
