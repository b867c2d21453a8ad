package io.serin.refusals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Refusals in the openings of other languages than English: the first two sentences say that the
 * speaker cannot, and what it cannot do is what a model does for its user. An answer is looked at
 * only where its first word, or its script, is one of a language's openings, so that an English one
 * costs a look-up. Coarse: it tells the plain refusal, never a moral answer.
 */
final class RefusalAbroad {

  /**
   * How a language declines: each of the three must occur in the opening.
   *
   * @param self who speaks, or that it speaks; empty where the verb says so
   * @param cannot that it does not
   * @param help what it does not do
   */
  private record Language(List<String> self, List<String> cannot, List<String> help) {

    boolean declines(String opening) {
      return (self.isEmpty() || any(self, opening))
          && any(cannot, opening)
          && (help.isEmpty() || any(help, opening));
    }

    private static boolean any(List<String> stems, String opening) {
      for (String stem : stems) {
        if (opening.contains(stem)) {
          return true;
        }
      }
      return false;
    }
  }

  /** Characters of an opening. */
  private static final int OPENING = 200;

  /** Letters of the longest word that opens a refusal. */
  private static final int LONGEST = 16;

  private static final Map<String, List<Language>> BY_WORD = new HashMap<>();

  private static final List<Language> HAN =
      List.of(
          language(
              "我|抱歉|对不起|對不起|不好意思",
              "无法|無法|不能|不可以|没办法|沒辦法",
              "协助|協助|帮助|幫助|帮您|帮你|提供|回答|满足|滿足|讨论|討論|完成|生成|处理|撰写|回应|回應"),
          language("", "できません|できかねます|いたしかねます|お断り|できない", "申し訳|すみません|ごめん|手伝い|応え|答え|提供|支援|対応"));
  private static final List<Language> KOREAN =
      List.of(language("", "수 없|어렵습니다|드리지 못", "죄송|도와|도움|제공|답변"));
  private static final List<Language> ARABIC =
      List.of(
          language(
              "",
              "لا أستطيع|لا يمكنني|لن أتمكن|لا يمكننا|غير قادر",
              "مساعد|تقديم|الإجابة|إجابة|توفير|كتابة"));
  private static final List<Language> HINDI =
      List.of(language("", "नहीं", "मदद|सहायता|प्रदान|जानकारी"));

  static {
    speak(
        "es ich tut leider entschuldigung entschuldige bitte das dabei diese dazu als wir",
        "ich|wir",
        "nicht|kein",
        "helf|unterstütz|geben|bereitstell|beantwort|antwort|erfüll|schreib|erstell|nachkommen");
    speak(
        "je désolé désolée désolés pardon malheureusement nous en excusez cela",
        "je|nous|m'est",
        "ne peux|ne puis|ne suis pas|ne vais pas|ne pourrai|ne pouvons|pas possible",
        "aider|fourni|répond|assist|donner|écrire|générer|partager|créer|satisfaire|accéder à");
    speak(
        "lo no siento perdón disculpa disculpe lamento lamentablemente como me",
        "",
        "no puedo|no me es posible|no podré|no podemos|no voy a|no estoy en condiciones|no soy capaz",
        "ayud|proporcion|asist|respond|ofrec|dar|cumpl|gener|escrib|compart|crear|atender");
    speak(
        "desculpe desculpa sinto lamento infelizmente não como eu peço me",
        "",
        "não posso|não consigo|não poderei|não vou|não sou capaz|não é possível|não podemos",
        "ajud|fornec|auxili|assist|atend|respond|oferec|compartilh|escrev|criar|cumpr");
    speak(
        "mi scusa scusi spiacente purtroppo non come sono",
        "",
        "non posso|non sono in grado|non mi è possibile|non potrò|non possiamo",
        "aiut|forni|assist|rispond|soddisf|offrir|dare|dart|scriv|gener|condivid|creare");
    speak(
        "het sorry helaas ik dat daar excuses als",
        "ik",
        "niet|geen",
        "help|geven|verstrekk|beantwoord|assister|bieden|schrijv|voldoen");
    speak(
        "извините простите извини прости к сожалению я мне прошу как",
        "",
        "не могу|не смогу|не в состоянии|не буду|не можем",
        "помо|предостав|ответ|выполн|дать|написа|обсужд|созда");
    speak(
        "вибачте на жаль я мені перепрошую",
        "",
        "не можу|не зможу|не буду",
        "допомог|надати|відпов|викон|напис|створ");
    speak(
        "przepraszam niestety nie przykro jako",
        "",
        "nie mogę|nie jestem w stanie|nie będę|nie możemy",
        "pomóc|pomoc|udzieli|odpowied|spełni|dostarcz|napisa|stworzy");
    speak(
        "üzgünüm maalesef özür ne bu kusura",
        "",
        "olamam|veremem|edemem|yapamam|yazamam|sağlayamam|yanıtlayamam|olamıyorum|edemiyorum",
        "");
    speak("xin rất tôi", "tôi", "không thể", "giúp|cung cấp|hỗ trợ|trả lời|đáp ứng|viết");
    speak(
        "maaf saya mohon", "saya", "tidak bisa|tidak dapat", "membantu|memberi|menyedia|menjawab");
  }

  private RefusalAbroad() {}

  /** Whether the opening of a text declines in another language than English. */
  static boolean declines(String text) {
    int from = 0;
    int end = Math.min(text.length(), OPENING);
    while (from < end && !Character.isLetter(text.charAt(from))) {
      from++;
    }
    int to = from;
    while (to < end && Character.isLetter(text.charAt(to))) {
      to++;
    }
    if (from == to) {
      return false;
    }
    List<Language> languages = ofScript(text.charAt(from));
    if (languages.isEmpty() && to - from <= LONGEST) {
      languages =
          BY_WORD.getOrDefault(text.substring(from, to).toLowerCase(Locale.ROOT), List.of());
    }
    if (languages.isEmpty()) {
      return false;
    }
    String opening = opening(text, from);
    for (Language language : languages) {
      if (language.declines(opening)) {
        return true;
      }
    }
    return false;
  }

  /** The languages of a script that is not Latin or Cyrillic. */
  private static List<Language> ofScript(char c) {
    if (c < 0x0600) {
      return List.of();
    }
    if (c <= 0x06FF) {
      return ARABIC;
    }
    if (c >= 0x0900 && c <= 0x097F) {
      return HINDI;
    }
    if (c >= 0x3040 && c <= 0x9FFF) {
      return HAN;
    }
    return c >= 0xAC00 && c <= 0xD7A3 ? KOREAN : List.of();
  }

  private static void speak(String openings, String self, String cannot, String help) {
    Language language = language(self, cannot, help);
    for (String word : openings.split(" ")) {
      BY_WORD.computeIfAbsent(word, ignored -> new ArrayList<>()).add(language);
    }
  }

  private static Language language(String self, String cannot, String help) {
    return new Language(stems(self), stems(cannot), stems(help));
  }

  private static List<String> stems(String joined) {
    return joined.isEmpty() ? List.of() : List.of(joined.split("\\|"));
  }

  /** The first two sentences, in lower case; line ends end a sentence. */
  private static String opening(String text, int from) {
    int end = Math.min(text.length(), from + OPENING);
    int sentences = 0;
    int at = from;
    while (at < end && sentences < 2) {
      char c = text.charAt(at++);
      boolean stop = c == '。' || c == '!' || c == '\n' || c == '!' || c == '.' || c == '?';
      sentences += stop && at > from + 3 ? 1 : 0;
    }
    return text.substring(from, at).toLowerCase(Locale.ROOT).replace('’', '\'');
  }
}
