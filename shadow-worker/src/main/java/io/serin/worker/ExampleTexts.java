package io.serin.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.comparison.answer.JsonCheck;
import io.serin.comparison.answer.Question;
import io.serin.modelcalls.Credentials;
import io.serin.privacy.PayloadSeal;
import io.serin.schemas.SealedPayload;
import io.serin.schemas.ShadowExample;
import io.serin.schemas.ShadowPlan;
import io.serin.schemas.ShadowResult;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The record that shows a pair to a person, made and opened: its texts, redacted before they come
 * here, cut, and sealed where the plan seals payloads. Thread-safe.
 */
public final class ExampleTexts {
  private static final Logger LOG = LoggerFactory.getLogger(ExampleTexts.class);

  /** Characters of a text that are kept; what a person is shown is shorter still. */
  static final int LONGEST = 4_000;

  private final Credentials credentials;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param credentials where keys are read
   */
  public ExampleTexts(Credentials credentials) {
    this.credentials = credentials;
  }

  /**
   * With its texts in the open.
   *
   * @param keys of the rollout: id → env:NAME or file:PATH
   * @throws GeneralSecurityException where its key cannot be read, or is another; the message says
   *     which
   */
  public ShadowExample open(ShadowExample example, Map<String, String> keys)
      throws GeneralSecurityException {
    SealedPayload sealed = example.getSealed();
    if (sealed == null) {
      return example;
    }
    String key = "key " + sealed.getKeyId();
    String reference = keys.get(sealed.getKeyId());
    if (reference == null) {
      throw new GeneralSecurityException(key + " is not a key of the rollout");
    }
    String secret = credentials.secret(reference);
    if (secret == null || secret.isBlank()) {
      throw new GeneralSecurityException(key + " cannot be read from " + reference);
    }
    JsonNode texts;
    try {
      texts =
          JsonCheck.read(
              new String(
                  PayloadSeal.open(sealed, PayloadSeal.key(secret), binding(example)).requestBody(),
                  StandardCharsets.UTF_8));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new GeneralSecurityException(key + " does not open it", e);
    }
    if (texts == null) {
      throw new GeneralSecurityException("the content sealed by " + key + " is not an example");
    }
    return ShadowExample.newBuilder(example)
        .setAskedText(text(texts, "askedText"))
        .setServedText(text(texts, "servedText"))
        .setCandidateText(text(texts, "candidateText"))
        .setControlText(text(texts, "controlText"))
        .setSealed(null)
        .build();
  }

  private static @Nullable String text(JsonNode texts, String name) {
    return texts.path(name).isTextual() ? texts.path(name).textValue() : null;
  }

  private static byte[] binding(ShadowExample example) {
    return PayloadSeal.binding(example.getRequestId(), example.getRollout(), example.getRun());
  }

  /** The record; null where the texts cannot be sealed as the plan wants: none leaves open then. */
  @Nullable ShadowExample of(
      ShadowResult result, Question question, @Nullable String served, PairOfSides.Both both) {
    ShadowExample.Builder example =
        ShadowExample.newBuilder()
            .setRequestId(result.getRequestId())
            .setAt(result.getAt())
            .setRollout(result.getRollout())
            .setRun(result.getRun())
            .setUnit(result.getUnit())
            .setCandidate(both.candidate().variant())
            .setBackfill(result.getBackfill());
    String asked = cut(question.text());
    String servedText = cut(served);
    String candidate = cut(both.candidate().first().text());
    Replayed beside = both.control();
    String control = beside == null ? null : cut(beside.first().text());
    String key = both.plan().getSealKey();
    if (key == null) {
      return example
          .setAskedText(asked)
          .setServedText(servedText)
          .setCandidateText(candidate)
          .setControlText(control)
          .build();
    }
    ObjectNode texts = JsonNodeFactory.instance.objectNode();
    texts.put("askedText", asked).put("servedText", servedText);
    texts.put("candidateText", candidate).put("controlText", control);
    SealedPayload sealed = seal(result, key, both.plan(), texts.toString());
    return sealed == null ? null : example.setSealed(sealed).build();
  }

  private @Nullable SealedPayload seal(
      ShadowResult result, String key, ShadowPlan plan, String texts) {
    String reference = plan.getSealKeys().get(key);
    String secret = reference == null ? null : credentials.secret(reference);
    try {
      if (secret == null) {
        throw new GeneralSecurityException("key " + key + " cannot be read from " + reference);
      }
      return PayloadSeal.seal(
          key,
          PayloadSeal.key(secret),
          PayloadSeal.binding(result.getRequestId(), result.getRollout(), result.getRun()),
          new PayloadSeal.Content(texts.getBytes(StandardCharsets.UTF_8), null),
          random);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      LOG.atWarn()
          .addKeyValue("event", "example.sealing-failed")
          .addKeyValue("rollout", result.getRollout())
          .addKeyValue("requestId", result.getRequestId())
          .addKeyValue("cause", e.getMessage())
          .log("skipping the example");
      return null;
    }
  }

  private static @Nullable String cut(@Nullable String text) {
    if (text == null || text.length() <= LONGEST) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
    return text.substring(0, end);
  }
}
