package io.serin.cli.plan;

import io.serin.cli.command.Terminal;
import io.serin.cli.plan.AbTestSize.Repeats;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.RolloutFileException;
import io.serin.rollout.RolloutFileReader;
import io.serin.rollout.value.InvalidField;
import io.serin.rollout.value.Quantities;
import io.serin.schemas.json.JsonText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says how many requests, and how long, a rollout or an A/B test needs. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    description = {
      "Says how many requests, and how long, a rollout needs: for each stage and guard, until a"
          + " candidate that is worse is found, and until one that is identical can be promoted."
          + " With --ab: the size of an A/B test.",
      "",
      "Requests are those of all variants together. The numbers are those that the controller"
          + " announces and that its gates ask for."
    },
    footer = {
      "",
      "METRIC=BASELINE:EFFECT says what to plan for. Rates: control's and the candidate's rate."
          + " Latency and tokens:",
      "the standard deviation of a value's logarithm (0.7 is usual) and how many times control's"
          + " value.",
      "",
      "Examples:",
      "  serin plan rollout.yaml --requests-per-day 100k",
      "  serin plan --share 25%% --requests-per-day 1M --users 50k --expect error.rate=0.5%%:2%%",
      "  serin plan --ab --expect latency.p95=0.7:1.1x --requests-per-user 5 --cv 1.5 --icc 0.1",
      "  serin plan rollout.yaml --json"
    })
public final class PlanCommand implements Callable<Integer> {

  private static final String DEFAULT =
      """
      rollout: default
      variants:
        control: {url: "http://localhost:8101/v1"}
        candidate: {url: "http://localhost:8102/v1"}
      """;

  private static final List<String> AB_METRICS =
      List.of("error.rate", "latency.p50", "latency.p95", "tokens");

  @Mixin private Terminal terminal = new Terminal();

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description = "A rollout file; without one the default stages and guards are planned.")
  private @Nullable Path path;

  @Option(
      names = "--share",
      paramLabel = "SHARE",
      description =
          "One stage at this share instead of the default stages; with --ab the candidate's share"
              + " (default 50%%).")
  private String share = "";

  @Option(
      names = "--requests-per-day",
      paramLabel = "N",
      description = "Traffic of all variants, for times; as in 100k.")
  private String requestsPerDay = "0";

  @Option(
      names = "--users",
      paramLabel = "N",
      description =
          "Different users that send it: a guard on first requests needs new ones. Default: each"
              + " request is a new user's.")
  private String users = "0";

  @Option(
      names = "--expect",
      paramLabel = "METRIC=BASELINE:EFFECT",
      description = "What to plan for, repeated for several metrics.")
  private Map<String, String> expect = new LinkedHashMap<>();

  @Option(
      names = "--rated",
      paramLabel = "SHARE",
      description = "Share of answers that are rated, for feedback (default 5%%).")
  private String rated = "5%";

  @Option(names = "--ab", description = "An A/B test of fixed split instead of a rollout.")
  private boolean ab;

  @Option(
      names = "--alpha",
      paramLabel = "P",
      description =
          "Two-sided error level of the A/B test (default 0.05); a rollout file has its own.")
  private @Nullable String alpha;

  @Option(
      names = "--power",
      paramLabel = "P",
      description =
          "Probability to find the effect (default 0.8 with --ab); a rollout file has its own.")
  private @Nullable String power;

  @Option(
      names = "--requests-per-user",
      paramLabel = "N",
      description = "With --ab: requests of a user in the mean (default 1).")
  private @Nullable String requestsPerUser;

  @Option(
      names = "--cv",
      paramLabel = "CV",
      description =
          "With --ab: standard deviation of requests per user over their mean (default 0).")
  private @Nullable String variation;

  @Option(
      names = "--icc",
      paramLabel = "ICC",
      description = "With --ab: correlation of a user's requests, 0 to 1 (default 0).")
  private @Nullable String correlation;

  @Option(names = "--json", description = "As one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    try {
      terminal.print(ab ? abTest() : rollout());
      return 0;
    } catch (IllegalArgumentException e) {
      throw terminal.wrong(e);
    }
  }

  private ExpectedTraffic traffic() {
    return new ExpectedTraffic(
        Quantities.count("--requests-per-day", requestsPerDay), Quantities.count("--users", users));
  }

  private String rollout() throws IOException {
    refuse("--alpha", alpha, "is for --ab: a rollout file says alpha");
    refuse("--power", power, "is for --ab: a rollout file says power");
    refuse("--requests-per-user", requestsPerUser, "is for --ab: a rollout takes --users");
    refuse("--cv", variation, "is for --ab");
    refuse("--icc", correlation, "is for --ab");
    RolloutFile file = file();
    Map<String, ExpectedEffect> expected = ExpectedEffect.parse(expect);
    for (String metric : expected.keySet()) {
      if (file.guards().stream().noneMatch(g -> g.metric().text().equals(metric))) {
        throw new InvalidField(
            "--expect",
            metric,
            "must name a metric that a guard watches: "
                + String.join(", ", file.guards().stream().map(g -> g.metric().text()).toList()));
      }
    }
    RolloutPlanner planner =
        new RolloutPlanner(file, expected, traffic(), Quantities.properShare("--rated", rated));
    List<PlannedStage> stages = planner.stages();
    return json
        ? JsonText.indented(PlanJson.canary(planner, stages))
        : PlanText.canary(planner, stages);
  }

  private RolloutFile file() throws IOException {
    if (path != null && !share.isEmpty()) {
      throw new InvalidField("--share", share, "is for a plan without FILE, or with --ab");
    }
    String yaml = DEFAULT;
    if (path != null) {
      if (!Files.isRegularFile(path)) {
        throw new InvalidField("FILE", path, "must be a rollout file that can be read");
      }
      yaml = Files.readString(path, StandardCharsets.UTF_8);
    } else if (!share.isEmpty()) {
      yaml += "stages: [{weight: \"" + 100 * Quantities.properShare("--share", share) + "%\"}]\n";
    }
    try {
      return RolloutFileReader.read(yaml);
    } catch (RolloutFileException e) {
      throw new IllegalArgumentException(
          (path == null ? "--share" : path) + ": " + e.getMessage(), e);
    }
  }

  private String abTest() throws IOException {
    if (path != null) {
      throw new InvalidField("FILE", path, "is not for --ab: say --share, --alpha and --power");
    }
    Map<String, ExpectedEffect> expected = ExpectedEffect.parse(expect);
    double level = Quantities.properShare("--alpha", alpha == null ? "0.05" : alpha);
    double wanted = Quantities.properShare("--power", power == null ? "0.8" : power);
    double part = Quantities.properShare("--share", share.isEmpty() ? "50%" : share);
    Repeats repeats =
        new Repeats(
            Quantities.atLeast(
                "--requests-per-user", requestsPerUser == null ? "1" : requestsPerUser, 1),
            Quantities.atLeast("--cv", variation == null ? "0" : variation, 0),
            Quantities.atLeast("--icc", correlation == null ? "0" : correlation, 0));
    List<AbTestSize> plans = new ArrayList<>();
    for (String metric : expected.isEmpty() ? AB_METRICS : expected.keySet()) {
      ExpectedEffect what = expected.get(metric);
      ExpectedEffect known = what == null ? ExpectedEffect.assumed(metric) : what;
      if (known.effect() == (ExpectedEffect.quantile(metric) ? 1 : known.baseline())) {
        throw new IllegalArgumentException("--expect " + metric + " must name a difference");
      }
      plans.add(AbTestSize.of(metric, known, level, wanted, part, repeats));
    }
    return json
        ? JsonText.indented(PlanJson.ab(plans, traffic(), level, wanted, part))
        : PlanText.ab(plans, traffic(), level, wanted, part);
  }

  private static void refuse(String name, @Nullable String value, String rule) {
    if (value != null) {
      throw new InvalidField(name, value, rule);
    }
  }
}
