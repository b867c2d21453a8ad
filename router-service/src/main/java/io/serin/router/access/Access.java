package io.serin.router.access;

import io.serin.schemas.http.KeyFile;
import io.serin.schemas.http.Operator;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may use a router's ports. Thread-safe.
 *
 * @param tls how clients' connections are encrypted; null leaves them plain
 * @param clients the tenant of each client's key; null asks for no key
 * @param operators who may use the admin port; null lets everyone look, and this machine alone
 *     change
 */
public record Access(
    @Nullable Tls tls, @Nullable KeyFile<String> clients, @Nullable KeyFile<Operator> operators) {

  /** Plain connections, no keys, no tokens. */
  public static final Access OPEN = new Access(null, null, null);

  /**
   * Reads the files.
   *
   * @param clientKeys lines of {@code TENANT KEY}; null where no key is asked for
   * @param adminTokens lines of {@code ROLE NAME TOKEN}; null where no token is asked for
   * @throws IllegalArgumentException naming setting, value and rule, where one is wrong
   */
  public static Access of(
      @Nullable Tls tls, @Nullable Path clientKeys, @Nullable Path adminTokens) {
    return new Access(
        tls,
        clientKeys == null
            ? null
            : new KeyFile<>("client-keys", clientKeys, Access::tenant, System::nanoTime),
        adminTokens == null ? null : Operator.tokens("admin-tokens", adminTokens));
  }

  private static String tenant(List<String> words) {
    if (words.size() != 1) {
      throw new IllegalArgumentException("must be TENANT KEY, without blanks in them");
    }
    return words.getFirst();
  }
}
