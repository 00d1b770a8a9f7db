using System.Globalization;
using System.Text;
using ICU4N.Text;

namespace WhiteCross.MessageIndexing;

/// <summary>
/// Makes words comparable in every script: compatibility forms, case and marks are folded (NFKC, full case folding, no accents, points or tones), digits are
/// those of ASCII. By ICU4N, which has its data with it: the services run in the invariant culture, where .NET itself does not normalize.
/// </summary>
internal static class Folding
{
    // What carries meaning of its own: the voicing of kana (8) and the sign that joins Indic consonants (9). Vowel signs are no combining marks in this sense.
    private const int KanaVoicing = 8;
    private const int Virama = 9;

    private static readonly Normalizer2 CaseFolded = Normalizer2.NFKCCaseFoldInstance;
    private static readonly Normalizer2 Decomposed = Normalizer2.NFDInstance;
    private static readonly Normalizer2 Composed = Normalizer2.NFCInstance;

    /// <summary>The folded form of a word; empty when nothing of it is left.</summary>
    /// <param name="word">The word as it is written.</param>
    public static string Fold(string word)
    {
        ArgumentNullException.ThrowIfNull(word);

        if (Ascii.IsValid(word))
        {
            return word.ToLowerInvariant();
        }

        // Most words of most messages are folded as they are written, and looking is cheaper than folding.
        var folded = CaseFolded.IsNormalized(word) ? word : CaseFolded.Normalize(word);
        folded = Decomposed.IsNormalized(folded) ? folded : Decomposed.Normalize(folded);
        var text = new StringBuilder(folded.Length);
        foreach (var rune in folded.EnumerateRunes())
        {
            if (Decomposed.GetCombiningClass(rune.Value) is 0 or KanaVoicing or Virama)
            {
                Append(rune, text);
            }
        }

        var bare = text.ToString();
        return Composed.IsNormalized(bare) ? bare : Composed.Normalize(bare);
    }

    // Letters that Unicode does not take apart, and letters that are written in either of two ways.
    private static void Append(Rune rune, StringBuilder text) => _ = rune.Value switch
    {
        'ø' => text.Append('o'),
        'đ' or 'ð' => text.Append('d'),
        'ł' => text.Append('l'),
        'ħ' => text.Append('h'),
        'ŧ' => text.Append('t'),
        'ı' => text.Append('i'),
        'æ' => text.Append("ae"),
        'œ' => text.Append("oe"),
        'þ' => text.Append("th"),
        'ى' or 'ی' => text.Append('ي'),
        'ک' => text.Append('ك'),
        'ة' => text.Append('ه'),
        'ـ' => text,
        _ when Words.IsPartOfWord(rune) => CharUnicodeInfo.GetDecimalDigitValue(rune.ToString(), 0) is var digit and >= 0
            ? text.Append((char)('0' + digit))
            : text.Append(rune.ToString()),
        _ => text,
    };
}
