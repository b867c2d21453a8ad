package io.serin.router.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot go over the wire is refused before it does. */
@SuppressWarnings("deprecation") // headers that were never checked
class UpstreamRequestTest {

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\rb", "a\r\nx-other: b", "a\u0000b", "\u20ac"})
  void shouldRefuseAValueThatIsNotOneLine(String value) {
    // A copy of Netty's headers checks nothing that is set on it.
    HttpHeaders headers = new DefaultHttpHeaders().copy().set("x-team", value);

    assertThatThrownBy(() -> UpstreamRequest.post("/v1/chat", headers, new byte[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("x-team")
        .hasMessageNotContaining(value);
  }

  @Test
  void shouldRefuseANameThatIsNotAToken() {
    HttpHeaders headers = new DefaultHttpHeaders(false).set("x team", "a");

    assertThatThrownBy(() -> UpstreamRequest.post("/v1/chat", headers, new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldAcceptWhatClientsSend() {
    HttpHeaders headers =
        new DefaultHttpHeaders().set("X-Team", "tab\tand h\u00e9").set("user-agent", "a/1 (b; c)");

    assertThat(UpstreamRequest.post("/v1/chat", headers, new byte[0]).headers()).hasSize(2);
  }
}
