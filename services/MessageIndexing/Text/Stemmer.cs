namespace WhiteCross.MessageIndexing;

/// <summary>
/// Porter's algorithm (M. F. Porter, "An algorithm for suffix stripping", 1980) for English: <c>tests</c>, <c>tested</c> and <c>testing</c> have one stem.
/// Words that hold anything but the letters a to z are their own stems.
/// </summary>
internal static class Stemmer
{
    // Longest first: the longest suffix counts, also when what it leaves is then too short.
    private static readonly (string Suffix, string By)[] Step2 = LongestFirst(
    [
        ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("logi", "log"), ("bli", "ble"), ("alli", "al"),
        ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"), ("ation", "ate"), ("ator", "ate"), ("alism", "al"), ("iveness", "ive"),
        ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"),
    ]);

    private static readonly (string Suffix, string By)[] Step3 = LongestFirst(
        [("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", "")]);

    private static readonly string[] Step4 =
    [
        "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ion", "ism", "ate", "iti", "ous", "ive", "ize", "al", "er", "ic", "ou",
    ];

    /// <summary>The stem of a word.</summary>
    /// <param name="word">The word, in lower case.</param>
    public static string Stem(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        if (word.Length < 3 || word.AsSpan().ContainsAnyExceptInRange('a', 'z'))
        {
            return word;
        }

        word = Plural(word);
        word = PastAndParticiple(word);
        word = word.EndsWith('y') && HasVowel(word.AsSpan(0, word.Length - 1)) ? $"{word[..^1]}i" : word;
        word = Replace(word, Step2);
        word = Replace(word, Step3);
        word = CutSuffix(word);
        return Tidy(word);
    }

    private static string Plural(string word) =>
        (word.Length > 4 && Ends(word, "sses")) || (word.Length > 3 && Ends(word, "ies")) ? word[..^2]
        : Ends(word, "s") && !Ends(word, "ss") ? word[..^1]
        : word;

    private static string PastAndParticiple(string word)
    {
        if (Ends(word, "eed"))
        {
            return Measure(word.AsSpan(0, word.Length - 3)) > 0 ? word[..^1] : word;
        }

        var cut = Ends(word, "ed") ? 2 : Ends(word, "ing") ? 3 : 0;
        if (cut == 0 || !HasVowel(word.AsSpan(0, word.Length - cut)))
        {
            return word;
        }

        word = word[..^cut];
        return Ends(word, "at") || Ends(word, "bl") || Ends(word, "iz") ? $"{word}e"
            : EndsInDoubleConsonant(word) && word[^1] is not ('l' or 's' or 'z') ? word[..^1]
            : Measure(word) == 1 && EndsInShortSyllable(word) ? $"{word}e"
            : word;
    }

    private static string Replace(string word, (string Suffix, string By)[] rules)
    {
        foreach (var (suffix, by) in rules)
        {
            if (Ends(word, suffix))
            {
                return Measure(word.AsSpan(0, word.Length - suffix.Length)) > 0 ? word[..^suffix.Length] + by : word;
            }
        }

        return word;
    }

    private static string CutSuffix(string word)
    {
        foreach (var suffix in Step4)
        {
            if (Ends(word, suffix))
            {
                var stem = word.AsSpan(0, word.Length - suffix.Length);
                return Measure(stem) > 1 && (suffix != "ion" || stem[^1] is 's' or 't') ? stem.ToString() : word;
            }
        }

        return word;
    }

    private static string Tidy(string word)
    {
        if (Ends(word, "e"))
        {
            var stem = word[..^1];
            var measure = Measure(stem);
            word = measure > 1 || (measure == 1 && !EndsInShortSyllable(stem)) ? stem : word;
        }

        return Ends(word, "ll") && Measure(word.AsSpan(0, word.Length - 1)) > 1 ? word[..^1] : word;
    }

    private static (string Suffix, string By)[] LongestFirst((string Suffix, string By)[] rules) =>
        [.. rules.OrderByDescending(rule => rule.Suffix.Length)];

    private static bool Ends(string word, string suffix) => word.EndsWith(suffix, StringComparison.Ordinal);

    private static bool IsConsonant(ReadOnlySpan<char> word, int i) => word[i] switch
    {
        'a' or 'e' or 'i' or 'o' or 'u' => false,
        'y' => i == 0 || !IsConsonant(word, i - 1),
        _ => true,
    };

    private static bool HasVowel(ReadOnlySpan<char> word)
    {
        for (var i = 0; i < word.Length; i++)
        {
            if (!IsConsonant(word, i))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How often consonants follow vowels.</summary>
    private static int Measure(ReadOnlySpan<char> word)
    {
        var (measure, afterVowel) = (0, false);
        for (var i = 0; i < word.Length; i++)
        {
            var consonant = IsConsonant(word, i);
            measure += consonant && afterVowel ? 1 : 0;
            afterVowel = !consonant;
        }

        return measure;
    }

    private static bool EndsInDoubleConsonant(string word) => word.Length > 1 && word[^1] == word[^2] && IsConsonant(word, word.Length - 1);

    private static bool EndsInShortSyllable(string word) =>
        word.Length > 2 && IsConsonant(word, word.Length - 3) && !IsConsonant(word, word.Length - 2) && IsConsonant(word, word.Length - 1)
        && word[^1] is not ('w' or 'x' or 'y');
}
