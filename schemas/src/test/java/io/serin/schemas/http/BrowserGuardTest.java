package io.serin.schemas.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrowserGuardTest {

  private final BrowserGuard guard = new BrowserGuard(Set.of("Router-1.example.com"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1:8079",
        "10.0.0.7",
        "[::1]:8079",
        "localhost:8079",
        "router:8079",
        "router-1.example.com:8079",
        "ROUTER-1.example.com"
      })
  void shouldKnowItsOwnNames(String host) {
    assertThat(guard.foreignHost(host)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example:8079",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "",
        ":80",
        "[evil"
      })
  void shouldRefuseANameThatAPageCouldHaveMadeUp(String host) {
    assertThat(guard.foreignHost(host)).isTrue();
  }

  @Test
  void shouldServeClientsThatAreNoBrowser() {
    assertThat(guard.foreignHost(null)).isFalse();
    assertThat(BrowserGuard.foreignOrigin(null, "127.0.0.1:8079")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:8079, 127.0.0.1:8079, false",
    "http://evil.example, 127.0.0.1:8079, true",
    "http://127.0.0.1:3000, 127.0.0.1:8079, true",
    "null, 127.0.0.1:8079, true",
    "http://127.0.0.1:8079, , true"
  })
  void shouldTellAPageOfAnotherOrigin(String origin, String host, boolean foreign) {
    assertThat(BrowserGuard.foreignOrigin(origin, host)).isEqualTo(foreign);
  }
}
