package io.serin.rollout.assignment;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where a request says what sticks to a variant. */
public sealed interface UnitRule {

  /** The value that a request holds at this place; null where it is absent or blank. */
  @Nullable String read(UnitSource request);

  /** A request header, such as {@code header:x-user-id}. */
  record Header(String name) implements UnitRule {
    @Override
    public @Nullable String read(UnitSource request) {
      return present(request.header(name));
    }
  }

  /** A dotted path in the JSON body, such as {@code body:metadata.user_id}. */
  record Body(String path) implements UnitRule {
    @Override
    public @Nullable String read(UnitSource request) {
      return present(request.body(path));
    }
  }

  /**
   * Reads {@code header:NAME} or {@code body:PATH}.
   *
   * @throws IllegalArgumentException naming the text and the rule
   */
  static UnitRule parse(String text) {
    int colon = text.indexOf(':');
    String place = colon < 0 ? "" : text.substring(0, colon);
    String name = text.substring(colon + 1).strip();
    if (!name.isEmpty() && place.equals("header")) {
      return new Header(name.toLowerCase(Locale.ROOT));
    }
    if (!name.isEmpty() && place.equals("body")) {
      return new Body(name);
    }
    throw new IllegalArgumentException("unit: '" + text + "', must be header:NAME or body:PATH");
  }

  private static @Nullable String present(@Nullable String value) {
    return value == null || value.isBlank() ? null : value;
  }
}
