using WhiteCross.Jobs.Contracts;
using WhiteCross.MessageIndexing;

namespace WhiteCross.Bench.Search;

/// <summary>Made-up messages whose words are as unevenly spread as in a language: the same ones at every run.</summary>
internal sealed class Corpus
{
    private const int VocabularySize = 5000;
    private static readonly string[] Syllables = ["ba", "cor", "den", "fe", "gra", "hil", "jo", "ka", "lum", "mer", "no", "pra", "qui", "res", "ta", "vin", "wo", "xe", "yl", "zu"];
    private static readonly string[] Endings = ["", "s", "ed", "ing", "ation", "ly"];

    private readonly Random _random = new(42);
    private readonly string[] _vocabulary;

    public Corpus()
    {
        _vocabulary = [.. Enumerable.Range(0, VocabularySize).Select(i => $"{Syllables[i % 20]}{Syllables[i / 20 % 20]}{Syllables[i / 400 % 20]}{Endings[i % 6]}")];
    }

    /// <summary>The user who searches, and who sent or received every message: the largest result there can be.</summary>
    public Guid User { get; } = Guid.Parse("3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6b");

    public IReadOnlyList<IndexEvent> Messages(int count)
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var others = Enumerable.Range(0, 50).Select(_ => NewId()).ToArray();
        return [.. Enumerable.Range(0, count).Select(i => new IndexEvent(NewId(), IndexOperation.Index, start.AddMinutes(i))
        {
            Content = string.Join(' ', Enumerable.Range(0, _random.Next(10, 60)).Select(_ => Word())),
            SenderId = i % 2 == 0 ? User : others[i % 50],
            RecipientId = i % 2 == 0 ? others[i % 50] : User,
            ConversationId = others[i % 50],
            MessageTimestamp = start.AddMinutes(i),
        })];
    }

    /// <summary>Queries of every kind: common and rare words, phrases, beginnings, exclusions.</summary>
    public IEnumerable<string> Queries(int count) => Enumerable.Range(0, count).Select(i => (i % 6) switch
    {
        0 => _vocabulary[i % 10],
        1 => Word(),
        2 => $"{Word()} {Word()}",
        3 => $"\"{_vocabulary[i % 5]} {Word()}\"",
        4 => $"{Word()[..3]}*",
        _ => $"{_vocabulary[i % 20]} -{Word()}",
    });

    private string Word() => _vocabulary[(int)(Math.Pow(_random.NextDouble(), 3) * VocabularySize)];

    private Guid NewId()
    {
        var bytes = new byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }
}
