package io.serin.schemas.connect;

import java.lang.reflect.AnnotatedElement;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Option;

/**
 * Takes an option's default from the environment variable that its help names first in parentheses,
 * as in "(SERIN_ROUTER_PORT; default 8080)". Without the variable, the field's own value is the
 * default: neither the name nor the value is written twice.
 */
public final class EnvironmentDefaults implements IDefaultValueProvider {
  private static final Pattern VARIABLE = Pattern.compile("\\((SERIN_[A-Z0-9_]+)[;)]");

  private final Map<String, String> environment;

  /** Of this process's environment. */
  public EnvironmentDefaults() {
    this(System.getenv());
  }

  EnvironmentDefaults(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    // Not argument.description(): that is the text with the default in it, which is asked for here.
    Option option =
        argument.userObject() instanceof AnnotatedElement field
            ? field.getAnnotation(Option.class)
            : null;
    if (option == null) {
      return null;
    }
    Matcher variable = VARIABLE.matcher(String.join(" ", option.description()));
    return variable.find() ? environment.get(variable.group(1)) : null;
  }
}
