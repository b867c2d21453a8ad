package io.serin.worker;

import io.serin.modelcalls.Credentials;
import io.serin.openai.CompletionRequest;
import io.serin.openai.Endpoint;
import io.serin.openai.OpenAiException;
import io.serin.privacy.PayloadSeal;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.SealedPayload;
import io.serin.schemas.ShadowPlan;
import java.security.GeneralSecurityException;
import org.jspecify.annotations.Nullable;

/** Opens a captured payload, sealed or not, into a request that a model can be asked. */
final class PayloadOpener {
  /** Reason when the captured body is not a request that can be sent. */
  static final String UNREADABLE = "unreadable-request";

  /** Reason when the seal cannot be opened. */
  static final String UNDECRYPTABLE = "undecryptable";

  /**
   * A request that can be asked.
   *
   * @param servedText what was served, or null when it was not captured
   */
  record Opened(CompletionRequest request, @Nullable String servedText) {}

  /** No model can be asked; the message never repeats the body. */
  static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1L;
    private final String reason;

    UnusableException(String reason, String cause) {
      super(cause, null, false, false);
      this.reason = reason;
    }

    String reason() {
      return reason;
    }
  }

  private PayloadOpener() {}

  /**
   * Opens a payload.
   *
   * @throws UnusableException when no model can be asked about it
   */
  static Opened open(CapturedPayload payload, ShadowPlan plan, Credentials credentials)
      throws UnusableException {
    byte[] body;
    String servedText = payload.getServedText();
    SealedPayload sealed = payload.getSealed();
    if (sealed == null) {
      body = new byte[payload.getRequestBody().remaining()];
      payload.getRequestBody().duplicate().get(body);
    } else {
      PayloadSeal.Content content = unseal(payload, sealed, plan, credentials);
      body = content.requestBody();
      servedText = content.servedText();
    }
    Endpoint endpoint = Endpoint.ofId(payload.getEndpoint());
    if (endpoint == null) {
      throw new UnusableException(
          UNREADABLE, "endpoint " + payload.getEndpoint() + " is not known");
    }
    try {
      return new Opened(CompletionRequest.read(endpoint, body), servedText);
    } catch (OpenAiException e) {
      // Not its message: that may repeat the body.
      throw new UnusableException(UNREADABLE, "the body is not a request of " + endpoint.id());
    }
  }

  private static PayloadSeal.Content unseal(
      CapturedPayload payload, SealedPayload sealed, ShadowPlan plan, Credentials credentials)
      throws UnusableException {
    String reference = plan.getSealKeys().get(sealed.getKeyId());
    if (reference == null) {
      throw new UnusableException(
          UNDECRYPTABLE, "key " + sealed.getKeyId() + " is not one of the rollout's keys");
    }
    String secret = credentials.secret(reference);
    if (secret == null || secret.isBlank()) {
      throw new UnusableException(
          UNDECRYPTABLE, "key " + sealed.getKeyId() + " cannot be read from " + reference);
    }
    try {
      return PayloadSeal.open(
          sealed,
          PayloadSeal.key(secret),
          PayloadSeal.binding(payload.getRequestId(), payload.getRollout(), payload.getRun()));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new UnusableException(
          UNDECRYPTABLE,
          "key " + sealed.getKeyId() + " does not open it: " + e.getClass().getSimpleName());
    }
  }
}
