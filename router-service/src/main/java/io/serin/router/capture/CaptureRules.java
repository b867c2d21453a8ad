package io.serin.router.capture;

import io.serin.privacy.PayloadSeal;
import io.serin.privacy.Redaction;
import io.serin.schemas.CaptureMode;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Command;
import io.serin.schemas.ShadowPlan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * What one command's plan says of captured payloads, ready for use: which rules redact, whether
 * texts leave at all, and under which key. What cannot be done as the plan says leaves without its
 * texts. For one thread.
 */
final class CaptureRules {
  /** Only hashes are captured. */
  static final String HASHES = "hashes";

  /** A body or answer passed the cap. */
  static final String TOO_LARGE = "too-large";

  /** The rules could not be applied. */
  static final String REDACTION_FAILED = "redaction-failed";

  /** The key could not be had. */
  static final String SEALING_FAILED = "sealing-failed";

  /** Where OpenAI's API names the end user: never replayed, whatever the rules say. */
  private static final List<String> END_USER = List.of("user", "safety_identifier");

  /** Fields without which a body is no request. */
  private static final Set<String> NEEDED = Set.of("model", "stream", "stream_options", "messages");

  private final ShadowPlan plan;
  private final Redaction redaction;
  private final @Nullable SecretKey key;
  private final Function<String, String> hash;
  private final SecureRandom random;

  private CaptureRules(
      ShadowPlan plan,
      Redaction redaction,
      @Nullable SecretKey key,
      Function<String, String> hash,
      SecureRandom random) {
    this.plan = plan;
    this.redaction = redaction;
    this.key = key;
    this.hash = hash;
    this.random = random;
  }

  /**
   * Compiles a plan.
   *
   * @param secrets reads env:NAME or file:PATH; null where it leads to nothing
   * @param hash keyed by a secret of the deployment
   * @throws IllegalArgumentException where a rule or key cannot be used
   */
  static CaptureRules of(
      Command command,
      ShadowPlan plan,
      UnaryOperator<@Nullable String> secrets,
      Function<String, String> hash,
      SecureRandom random) {
    List<String> places = new ArrayList<>(plan.getRedactPaths());
    places.addAll(END_USER);
    for (String rule : command.getUnit()) {
      if (rule.startsWith("body:")) {
        String place = rule.substring("body:".length()).strip();
        if (!NEEDED.contains(place)) {
          places.add(place);
        }
      }
    }
    String id = plan.getSealKey();
    SecretKey key = null;
    if (id != null) {
      String secret = secrets.apply(plan.getSealKeys().getOrDefault(id, ""));
      key = secret == null ? null : PayloadSeal.key(secret);
    }
    return new CaptureRules(
        plan,
        Redaction.of(plan.getRedactBuiltIn(), plan.getRedactPatterns(), places),
        key,
        hash,
        random);
  }

  /** Whether the key is missing that the plan wants: another try may find it. */
  boolean incomplete() {
    return plan.getSealKey() != null && key == null;
  }

  /** Makes a payload what may leave the router. */
  void apply(CapturedPayload payload) {
    if (payload.getOmitted() != null) {
      clear(payload);
      return;
    }
    CaptureMode mode = plan.getCapture();
    if (mode != null && mode != CaptureMode.PAYLOADS) { // UNKNOWN is a newer Serin's: the least
      omit(payload, HASHES);
      return;
    }
    try {
      redact(payload);
    } catch (IOException | RuntimeException e) {
      omit(payload, REDACTION_FAILED);
      return;
    }
    if (plan.getSealKey() != null) {
      seal(payload);
    }
  }

  /** Without texts. */
  static void clear(CapturedPayload payload) {
    payload.setRequestBody(ByteBuffer.allocate(0));
    payload.setServedText(null);
    payload.setRedactions(Map.of());
  }

  private void omit(CapturedPayload payload, String reason) {
    byte[] body = bytes(payload);
    String text = payload.getServedText();
    payload.setOmitted(reason);
    // The name before the text keeps these apart from the hashes of units.
    payload.setRequestHash(
        hash.apply("payload-request:" + new String(body, StandardCharsets.UTF_8)));
    payload.setServedTextHash(text == null ? null : hash.apply("payload-answer:" + text));
    clear(payload);
  }

  private void redact(CapturedPayload payload) throws IOException {
    Map<String, Integer> counts = new TreeMap<>();
    payload.setRequestBody(ByteBuffer.wrap(redaction.redactJson(bytes(payload), counts)));
    String text = payload.getServedText();
    payload.setServedText(text == null ? null : redaction.redactAnswer(text, counts));
    payload.setRedactions(counts);
  }

  private void seal(CapturedPayload payload) {
    SecretKey with = key;
    if (with == null) {
      omit(payload, SEALING_FAILED);
      return;
    }
    try {
      payload.setSealed(
          PayloadSeal.seal(
              plan.getSealKey(),
              with,
              PayloadSeal.binding(payload.getRequestId(), payload.getRollout(), payload.getRun()),
              new PayloadSeal.Content(bytes(payload), payload.getServedText()),
              random));
      payload.setRequestBody(ByteBuffer.allocate(0));
      payload.setServedText(null);
    } catch (GeneralSecurityException e) {
      omit(payload, SEALING_FAILED);
    }
  }

  private static byte[] bytes(CapturedPayload payload) {
    byte[] bytes = new byte[payload.getRequestBody().remaining()];
    payload.getRequestBody().duplicate().get(bytes);
    return bytes;
  }
}
