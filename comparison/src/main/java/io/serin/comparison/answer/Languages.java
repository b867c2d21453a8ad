package io.serin.comparison.answer;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The language of a text: by its script, and for Latin and Cyrillic letters by the commonest small
 * words of each language. Coarse, and silent where it is not sure: code, names and short texts have
 * none. It tells that an answer left the language of its question, not which dialect it is in.
 */
public final class Languages {
  /** Letters that are looked at, at most. */
  private static final int LETTERS = 2000;

  /** Small words that must be seen before a language is named. */
  private static final int WORDS = 2;

  private static final Map<String, Integer> SMALL_WORDS = new HashMap<>();
  private static final String[] NAMES = {
    "en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "tr", "id", "vi", "ru", "uk"
  };

  static {
    words(
        0,
        "the and of to is that it for you with are this be as on not have was can an from or what"
            + " how why do does in my me your they he she we which there about i a tell some");
    words(1, "der die das und ist nicht ein eine zu den von mit sich auf für im dem auch sie ich");
    words(2, "le la les et est des un une que dans pour pas vous sur du je avec qui ce sont au");
    words(3, "el los las es que y en un una por con para no se su lo como más del al está son");
    words(4, "il di che è e un una per non con sono della del le si come più dei alla nel questo");
    words(5, "o os as que e em um uma para não com é do da dos se por mais como na no são você");
    words(6, "de het een en van is dat niet op te zijn voor met je die ook er aan als maar");
    words(7, "i w nie na się z do to że jest jak co dla od po ale czy przez są być");
    words(8, "och att det är en som på av för med inte den till jag har om kan du ett");
    words(9, "ve bir bu için ile da de ne çok olarak daha gibi kadar değil ama var olan");
    words(10, "dan yang di untuk dengan tidak ini dari dalam pada adalah itu akan atau dapat anda");
    words(11, "và là của không có được cho các một trong để với người những bạn này");
    words(12, "и в не на что с это как по но он для из вы от к так же я бы");
    words(13, "і в не на що з це як та але для до від ви я є у ми й");
  }

  private Languages() {}

  /** ISO 639-1 code of a text's language; null where it cannot be told. */
  public static @Nullable String of(String text) {
    int[] scripts = new int[6];
    int letters = 0;
    for (int i = 0; i < text.length() && letters < LETTERS; i++) {
      char c = text.charAt(i);
      if (Character.isLetter(c)) {
        letters++;
        scripts[script(c)]++;
      }
    }
    if (letters == 0) {
      return null;
    }
    if (2 * (scripts[1] + scripts[2]) > letters) {
      return 10 * scripts[2] > scripts[1] + scripts[2] ? "ja" : "zh";
    }
    if (2 * scripts[3] > letters) {
      return "ko";
    }
    if (2 * scripts[4] > letters) {
      return "ar";
    }
    return 2 * scripts[5] > letters ? "hi" : bySmallWords(text);
  }

  /** 0 Latin, Cyrillic and others; 1 Han; 2 Kana; 3 Hangul; 4 Arabic; 5 Devanagari. */
  private static int script(char c) {
    if (c < 0x0600) {
      return 0;
    }
    if (c <= 0x06FF) {
      return 4;
    }
    if (c >= 0x0900 && c <= 0x097F) {
      return 5;
    }
    if (c >= 0x3040 && c <= 0x30FF) {
      return 2;
    }
    if (c >= 0x4E00 && c <= 0x9FFF) {
      return 1;
    }
    return c >= 0xAC00 && c <= 0xD7A3 ? 3 : 0;
  }

  private static @Nullable String bySmallWords(String text) {
    int[] seen = new int[NAMES.length];
    int at = 0;
    int end = Math.min(text.length(), LETTERS);
    while (at < end) {
      while (at < end && !Character.isLetter(text.charAt(at))) {
        at++;
      }
      int from = at;
      while (at < end && Character.isLetter(text.charAt(at))) {
        at++;
      }
      if (at > from && at - from <= 7) {
        int languages =
            SMALL_WORDS.getOrDefault(text.substring(from, at).toLowerCase(Locale.ROOT), 0);
        for (int l = 0; languages != 0; l++, languages >>>= 1) {
          seen[l] += languages & 1;
        }
      }
    }
    int best = 0;
    int second = 0;
    int name = -1;
    for (int l = 0; l < seen.length; l++) {
      if (seen[l] > best) {
        second = best;
        best = seen[l];
        name = l;
      } else if (seen[l] > second) {
        second = seen[l];
      }
    }
    // Neighbours share small words: a language leads by a third, or it is not named.
    return best >= WORDS && 3 * best >= 4 * second ? NAMES[name] : null;
  }

  private static void words(int language, String list) {
    for (String word : list.split(" ")) {
      SMALL_WORDS.merge(word, 1 << language, (a, b) -> a | b);
    }
  }
}
