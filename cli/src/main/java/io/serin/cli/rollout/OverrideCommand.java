package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.cli.command.Terminal;
import io.serin.router.feedback.OverrideToken;
import io.serin.router.feedback.RequestIds;
import io.serin.router.ports.Secrets;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Signs a tester's token, without asking anybody. */
@Command(
    name = "override",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a token with which a tester is served by one variant, whatever the split says.",
      "Such requests are not evidence. The key file is read here; nothing is sent anywhere."
    },
    footer = {
      "",
      "Examples:",
      "  serin rollout override assistant candidate --for 2h",
      "  serin rollout override assistant candidate --for 1d --key /etc/serin/signing-key --json"
    })
final class OverrideCommand implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LONGEST = Duration.ofDays(7);

  @Mixin private Terminal terminal = new Terminal();

  @Parameters(index = "0", paramLabel = "ROLLOUT", description = "The rollout's name.")
  private String rollout = "";

  @Parameters(index = "1", paramLabel = "VARIANT", description = "The variant that shall serve.")
  private String variant = "";

  @Option(
      names = "--for",
      paramLabel = "TIME",
      description = "How long the token is good, at most 7d (default ${DEFAULT-VALUE}).")
  private String time = "2h";

  @Option(
      names = "--key",
      paramLabel = "FILE",
      defaultValue = "${env:SERIN_DATA:-${sys:serin.home:-.}/.serin}/signing-key",
      description =
          "The routers' --signing-key (default: where serin up keeps it, ${DEFAULT-VALUE}).")
  private Path key = Path.of(".serin/signing-key");

  @Option(
      names = "--router",
      paramLabel = "URL",
      description = "The router that the printed command calls (default ${DEFAULT-VALUE}).")
  private String router = "http://127.0.0.1:8080";

  @Option(names = "--json", description = "Prints token, end and command as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    named("ROLLOUT", rollout, "[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    named("VARIANT", variant, "[a-z0-9][a-z0-9._-]{0,62}");
    Duration length = ControlCall.duration(terminal.line(), "--for", time);
    if (length.compareTo(LONGEST) > 0) {
      throw terminal.wrong("--for is \"" + time + "\": it must be at most 7d");
    }
    if (!router.matches("https?://[^'\\s]+")) {
      throw terminal.wrong(
          "--router is \"" + router + "\": it must be a URL that starts with http://");
    }
    Instant end = Instant.ofEpochMilli(Instant.now().plus(length).toEpochMilli());
    String token = keys().overrides().write(new OverrideToken(rollout, variant, end));
    PrintWriter out = terminal.out();
    out.println(json ? json(token, end) : text(token, end));
    out.flush();
    return 0;
  }

  private RequestIds keys() {
    try {
      List<byte[]> keys = Secrets.read(key, "--key");
      return new RequestIds(keys);
    } catch (IOException e) {
      throw terminal.wrong(
          "--key is \""
              + key
              + "\": it must be the routers' signing key, a file that can be read ("
              + e
              + ")");
    } catch (IllegalArgumentException e) {
      throw terminal.wrong(Objects.requireNonNullElse(e.getMessage(), "--key holds no key"));
    }
  }

  private String text(String token, Instant end) {
    return """
    %s

    Good until %s, as the header x-serin-variant-token or the cookie serin-variant:

    %s\
    """
        .formatted(token, end, curl(token));
  }

  private String json(String token, Instant end) {
    ObjectNode answer =
        JSON.createObjectNode()
            .put("rollout", rollout)
            .put("variant", variant)
            .put("token", token)
            .put("expires_at", end.toString())
            .put("header", "x-serin-variant-token")
            .put("cookie", "serin-variant")
            .put("curl", curl(token));
    return answer.toString();
  }

  private String curl(String token) {
    return "curl "
        + router.replaceAll("/+$", "")
        + "/v1/chat/completions -H 'content-type: application/json' -H 'x-serin-variant-token: "
        + token
        + "' -d '{\"model\":\""
        + rollout
        + "\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'";
  }

  private void named(String what, String value, String rule) {
    if (!value.matches(rule)) {
      throw terminal.wrong(what + " is \"" + value + "\": it must match " + rule);
    }
  }
}
