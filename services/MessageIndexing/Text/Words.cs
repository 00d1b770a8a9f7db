using System.Globalization;
using System.Text;

namespace WhiteCross.MessageIndexing;

/// <summary>A word of a text.</summary>
/// <param name="Start">Where it begins in the text.</param>
/// <param name="End">Where what follows begins.</param>
/// <param name="Text">The word as it is compared: in lower case, without Latin diacritics.</param>
public readonly record struct Word(int Start, int End, string Text)
{
    /// <summary>What the word has in common with its other forms.</summary>
    public string Stem => Stemmer.Stem(Text);
}

/// <summary>
/// Takes texts apart. Indexing, querying and highlighting all see the same words, on either database: a run of letters, digits and their marks is a
/// word, everything else lies between words.
/// </summary>
public static class Words
{
    /// <summary>The most words of a text that are seen; beyond PostgreSQL's 16,383 a word would have no place of its own.</summary>
    public const int MaxWords = 10_000;

    /// <summary>The most characters of a text that are seen: ten times the longest message.</summary>
    public const int MaxCharacters = 100_000;

    /// <summary>Where a longer word is cut, in the index as in a query.</summary>
    public const int MaxWordLength = 64;

    /// <summary>The words of a text, in order.</summary>
    /// <param name="text">The text; whatever is no valid UTF-16 lies between words.</param>
    public static IReadOnlyList<Word> Of(ReadOnlySpan<char> text)
    {
        var words = new List<Word>();
        var word = new StringBuilder(MaxWordLength);
        var (position, start) = (0, -1);
        foreach (var rune in text[..Math.Min(text.Length, MaxCharacters)].EnumerateRunes())
        {
            if (IsPartOfWord(rune))
            {
                start = start < 0 ? position : start;
                if (word.Length < MaxWordLength && Folding.Fold(rune) is { } folded)
                {
                    word.Append(folded);
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
            if (word.Length > 0)
            {
                words.Add(new Word(start, position, word.ToString()));
                word.Clear();
            }

            start = -1;
        }
    }

    private static bool IsPartOfWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.OtherLetter => true,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => true,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => true,
        _ => false,
    };
}
