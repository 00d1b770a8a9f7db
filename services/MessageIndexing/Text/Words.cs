using System.Globalization;
using System.Text;

namespace WhiteCross.MessageIndexing;

/// <summary>A word of a text.</summary>
/// <param name="Start">Where it begins in the text.</param>
/// <param name="End">Where what follows begins.</param>
/// <param name="Text">The word as it is compared; see <see cref="Folding"/>.</param>
internal readonly record struct Word(int Start, int End, string Text)
{
    /// <summary>What the word has in common with its other forms.</summary>
    public string Stem => Stemmer.Stem(Text);
}

/// <summary>
/// Takes texts apart. Indexing, querying and highlighting all see the same words, on either database: a run of letters, digits and their marks is a
/// word, everything else lies between words. In scripts that are written without spaces each character, with its marks, is a word of its own, and so a
/// word in a query is the phrase of its characters: it is found inside any sentence, without a dictionary that might cut it otherwise than its reader.
/// </summary>
internal static class Words
{
    /// <summary>The version of what makes words of texts: a new one has the words of everything made anew at the next start.</summary>
    public const int Version = 2;

    /// <summary>The most words of a text that are seen; beyond PostgreSQL's 16,383 a word would have no place of its own.</summary>
    public const int MaxWords = 10_000;

    /// <summary>The most characters of a text that are seen: ten times the longest message.</summary>
    public const int MaxCharacters = 100_000;

    /// <summary>Where a longer word is cut, in the index as in a query.</summary>
    public const int MaxWordLength = 64;

    // A word that goes on is read up to here: what is folded away must not let its end count for less.
    private const int MaxRead = 4 * MaxWordLength;

    /// <summary>The words of a text, in order.</summary>
    /// <param name="text">The text; whatever is no valid UTF-16 lies between words.</param>
    public static IReadOnlyList<Word> Of(ReadOnlySpan<char> text)
    {
        var words = new List<Word>();
        var word = new StringBuilder(MaxWordLength);
        var (position, start, isAlone) = (0, -1, false);
        foreach (var rune in text[..Math.Min(text.Length, MaxCharacters)].EnumerateRunes())
        {
            if (IsIgnored(rune))
            {
                position += rune.Utf16SequenceLength;
                continue;
            }

            if (IsPartOfWord(rune))
            {
                var isMark = IsMark(rune);
                if (!isMark && (isAlone || IsAlone(rune)))
                {
                    EndWord();
                }

                isAlone = isMark ? isAlone : IsAlone(rune);
                start = start < 0 ? position : start;
                if (word.Length < MaxRead)
                {
                    word.Append(rune.ToString());
                }
            }
            else
            {
                EndWord();
            }

            if (words.Count == MaxWords)
            {
                return words;
            }

            position += rune.Utf16SequenceLength;
        }

        EndWord();
        return words;

        void EndWord()
        {
            if (word.Length > 0 && Folding.Fold(word.ToString()) is { Length: > 0 } folded)
            {
                words.Add(new Word(start, position, folded.Length <= MaxWordLength ? folded : Cut(folded)));
            }

            word.Clear();
            (start, isAlone) = (-1, false);
        }
    }

    /// <summary>Whether a character is part of a word.</summary>
    /// <param name="rune">The character.</param>
    internal static bool IsPartOfWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.OtherLetter => true,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => true,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => true,
        _ => false,
    };

    private static string Cut(string word) => word[..(char.IsHighSurrogate(word[MaxWordLength - 1]) ? MaxWordLength - 1 : MaxWordLength)];

    // Joiners, soft hyphens, marks of direction: they are inside of words, and nobody sees them.
    private static bool IsIgnored(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format;

    // The voicing signs of half-width kana are letters to Unicode.
    // So are the vowels and the final consonants of Hangul that is written letter by letter.
    private static bool IsMark(Rune rune) => rune.Value is 0xFF9E or 0xFF9F or (>= 0x1160 and <= 0x11FF)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    // Thai, Lao, Burmese, Khmer, Tai; kana, bopomofo, Han and Hangul, half-width too. Korean has spaces, but its particles stick to its words.
    private static bool IsAlone(Rune rune) => rune.Value switch
    {
        < 0x0E00 => false,
        <= 0x0EFF => !Rune.IsDigit(rune),
        >= 0x1000 and <= 0x109F => !Rune.IsDigit(rune),
        >= 0x1100 and <= 0x115F => true,
        >= 0x1780 and <= 0x17FF => !Rune.IsDigit(rune),
        >= 0x1950 and <= 0x1AAF => !Rune.IsDigit(rune),
        >= 0x2E80 and <= 0x312F => true,
        >= 0x31A0 and <= 0x31FF => true,
        >= 0x3400 and <= 0x9FFF => true,
        >= 0xA9E0 and <= 0xA9FF => true,
        >= 0xAA60 and <= 0xAA7F => true,
        >= 0xAC00 and <= 0xD7A3 => true,
        >= 0xF900 and <= 0xFAFF => true,
        >= 0xFF66 and <= 0xFFDC => true,
        >= 0x20000 and <= 0x3FFFF => true,
        _ => false,
    };
}
