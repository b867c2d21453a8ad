package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.privacy.PayloadSeal;
import io.serin.schemas.CaptureMode;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Command;
import io.serin.schemas.Outcome;
import io.serin.schemas.RedactionPattern;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class CaptureTest extends RouterTestBase {

  private static final String PRIVATE =
      "{\"model\":\"assistant\",\"stream\":false,\"user\":\"ann\",\"messages\":[{\"role\":\"user\",\"content\":\"I am\\nann@example.com\"}]}";

  @Test
  void shouldCaptureRequestAndAnswerOfTheSampleRedacted() {
    adopt(Commands.withShadow(command(0), 10_000));
    control.does(Upstream.text("write to bob@example.com"));

    post(CHAT, PRIVATE, "x-serin-tenant", "acme");

    CapturedPayload payload = evidence.payloads(1).getFirst();
    assertThat(payload.getTenant()).as("where no key is asked for nobody knows").isNull();
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
  void shouldCaptureNothingWithoutAPlanOrOutsideTheSampleOrWithoutAUnit() {
    split(0);
    chat(false);
    adopt(Commands.withShadow(command(0), 0));
    chat(false);
    adopt(Commands.withShadow(command(0), 10_000));
    post(CHAT, "{\"model\":\"assistant\",\"messages\":[]}");
    evidence.events(3);
    capture.close();

    assertThat(evidence.payloads(0)).isEmpty();
  }

  @Test
  void shouldTellOfARequestOverTheCapWithoutItsTexts() {
    Command command = Commands.withShadow(command(0), 10_000);
    command.getShadow().setMaxCapturedBytes(300);
    adopt(command);

    post(CHAT, "{\"model\":\"assistant\",\"user\":\"ann\",\"x\":\"" + "y".repeat(400) + "\"}");

    CapturedPayload payload = evidence.payloads(1).getFirst();
    assertThat(payload.getOmitted()).isEqualTo("too-large");
    assertThat(payload.getRequestBody().remaining()).isZero();
    assertThat(payload.getRequestBytes()).isGreaterThan(400);
    assertThat(payload.getServedText()).isNull();
    assertThat(payload.getServed().getOutcome()).isEqualTo(Outcome.OK);
  }

  @Test
  void shouldNeverLetTheUnitOrTheEndUserLeave() {
    Command command = Commands.withShadow(command(0), 10_000);
    command.setUnit(List.of("body:metadata.session"));
    adopt(command);

    post(
        CHAT,
        "{\"model\":\"assistant\",\"user\":\"ann-17\",\"metadata\":{\"session\":\"s-4711\",\"kind\":\"chat\"},\"messages\":[]}");

    String body = body(evidence.payloads(1).getFirst());
    assertThat(body)
        .doesNotContain("ann-17")
        .doesNotContain("s-4711")
        .contains("\"kind\":\"chat\"");
    assertThat(json(body).at("/user").asText()).isEqualTo("[redacted]");
  }

  @Test
  void shouldApplyTheRolloutsOwnRules() {
    Command command = Commands.withShadow(command(0), 10_000);
    command.getShadow().setRedactPatterns(List.of(new RedactionPattern("order", "ORD-[0-9]{4}")));
    command.getShadow().setRedactPaths(List.of("messages.*.name"));
    adopt(command);
    control.does(Upstream.text("order ORD-1234 is on its way"));

    post(
        CHAT,
        "{\"model\":\"assistant\",\"user\":\"ann\",\"messages\":[{\"role\":\"user\",\"name\":\"Ann\",\"content\":\"where is ORD-1234\"}]}");

    CapturedPayload payload = evidence.payloads(1).getFirst();
    assertThat(json(body(payload)).at("/messages/0/content").asText())
        .isEqualTo("where is [order]");
    assertThat(json(body(payload)).at("/messages/0/name").asText()).isEqualTo("[redacted]");
    assertThat(payload.getServedText()).isEqualTo("order [order] is on its way");
    assertThat(payload.getRedactions()).containsEntry("order", 2).containsEntry("path", 2);
  }

  @Test
  void shouldCaptureNothingButHashesAndNumbersWhereTold() {
    Command command = Commands.withShadow(command(0), 10_000);
    command.getShadow().setCapture(CaptureMode.HASHES);
    adopt(command);

    post(CHAT, PRIVATE);

    CapturedPayload payload = evidence.payloads(1).getFirst();
    assertThat(payload.getOmitted()).isEqualTo("hashes");
    assertThat(payload.getRequestHash()).isNotBlank();
    assertThat(payload.getServedTextHash()).isNotBlank();
    assertThat(payload.getServedTextLength()).isEqualTo("from control".length());
    assertThat(payload.toString())
        .doesNotContain("example.com")
        .doesNotContain("I am")
        .doesNotContain("from control");
  }

  @Test
  void shouldSealWhereTold() throws GeneralSecurityException {
    adopt(sealed("env:KEY"));

    post(CHAT, PRIVATE);

    CapturedPayload payload = evidence.payloads(1).getFirst();
    assertThat(payload.getRequestBody().remaining()).isZero();
    assertThat(payload.getServedText()).isNull();
    PayloadSeal.Content content =
        PayloadSeal.open(
            Objects.requireNonNull(payload.getSealed()),
            PayloadSeal.key(PAYLOAD_KEY),
            PayloadSeal.binding(payload.getRequestId(), payload.getRollout(), payload.getRun()));
    assertThat(new String(content.requestBody(), StandardCharsets.UTF_8)).contains("[email]");
    assertThat(content.servedText()).isEqualTo("from control");
  }

  @Test
  void shouldLetNoTextLeaveUnsealedWhereTheKeyIsMissing() {
    adopt(sealed("env:NOWHERE"));

    post(CHAT, PRIVATE);

    CapturedPayload payload = evidence.payloads(1).getFirst();
    assertThat(payload.getOmitted()).isEqualTo("sealing-failed");
    assertThat(payload.getRequestBody().remaining()).isZero();
    assertThat(payload.getServedText()).isNull();
  }

  @Test
  void shouldLetNoTextLeaveWhereARuleCannotBeUsed() {
    Command command = Commands.withShadow(command(0), 10_000);
    command.getShadow().setRedactPatterns(List.of(new RedactionPattern("broken", "(")));
    adopt(command);

    post(CHAT, PRIVATE);

    CapturedPayload payload = evidence.payloads(1).getFirst();
    assertThat(payload.getOmitted()).isEqualTo("redaction-failed");
    assertThat(payload.getRequestBody().remaining()).isZero();
  }

  private Command sealed(String reference) {
    Command command = Commands.withShadow(command(0), 10_000);
    command.getShadow().setSealKey("k1");
    command.getShadow().setSealKeys(Map.of("k1", reference));
    return command;
  }

  private static String body(CapturedPayload payload) {
    return StandardCharsets.UTF_8.decode(payload.getRequestBody().duplicate()).toString();
  }
}
