package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Outcome;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CaptureTest extends RouterTestBase {

  private static final String PRIVATE =
      "{\"model\":\"assistant\",\"stream\":false,\"user\":\"ann\",\"messages\":[{\"role\":\"user\",\"content\":\"I am\\nann@example.com\"}]}";

  @Test
  void shouldCaptureRequestAndAnswerOfTheSampleRedacted() {
    adopt(Commands.withShadow(command(0), 10_000));
    control.does(Upstream.text("write to bob@example.com"));

    post(CHAT, PRIVATE);

    CapturedPayload payload = evidence.payloads(1).getFirst();
    String request = StandardCharsets.UTF_8.decode(payload.getRequestBody()).toString();
    assertThat(json(request).at("/messages/0/content").asText()).isEqualTo("I am\n[email]");
    assertThat(payload.getServedText()).isEqualTo("write to [email]");
    assertThat(payload.getServedVariant()).isEqualTo("control");
    assertThat(payload.getRequestId()).isEqualTo(evidence.events(1).getFirst().getRequestId());
    assertThat(payload.getServed().getOutcome()).isEqualTo(Outcome.OK);
  }

  @Test
  void shouldCaptureTheTextOfStreamsAndFailuresToo() {
    adopt(Commands.withShadow(command(0), 10_000));
    control.does(Upstream.stream("one ", "two"));
    chat(true);
    control.does(Upstream.json(500, "{}"));
    chat(false);

    var payloads = evidence.payloads(2);
    assertThat(payloads.get(0).getServedText()).isEqualTo("one two");
    assertThat(payloads.get(1).getServedText()).isNull();
    assertThat(payloads.get(1).getServed().getOutcome()).isEqualTo(Outcome.HTTP_ERROR);
  }

  @Test
  void shouldCaptureNothingWithoutAPlanOrOutsideTheSampleOrWithoutAUnitOrOverTheCap() {
    split(0);
    chat(false);
    adopt(Commands.withShadow(command(0), 0));
    chat(false);
    adopt(Commands.withShadow(command(0), 10_000));
    post(CHAT, "{\"model\":\"assistant\",\"messages\":[]}");
    post(CHAT, "{\"model\":\"assistant\",\"user\":\"ann\",\"x\":\"" + "y".repeat(70_000) + "\"}");
    evidence.events(4);
    capture.close();

    assertThat(evidence.payloads(0)).isEmpty();
  }
}
