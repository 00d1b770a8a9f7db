using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Store;

/// <summary>
/// What a job is found by: whom and what it is about, by name and value, such as <c>recipientId:2d3f…</c>, and the tags that its publisher gave it. Stores keep
/// hashes of them, sealed ones keyed hashes: who reads the store learns nothing of them.
/// </summary>
public static class JobTerms
{
    /// <summary>The name of tags among the terms.</summary>
    public const string Tag = "tag";

    /// <summary>The name of the batch among the terms.</summary>
    public const string Batch = "batchId";

    private const int HashBytes = 9;
    private const int HashLength = 12;
    private const char IsHash = '#'; // Other terms have a name, which none of these begins with.
    private const int Deepest = 128;
    private const int Handful = 8;
    private const int ShortTerm = 256;

    private static readonly string[] IdNames = ["messageId", "recipientId", "senderId", "conversationId", Batch];

    /// <summary>The members of a job's data that it is found by: all are UUIDs.</summary>
    public static IReadOnlyList<string> Ids { get; } = IdNames.AsReadOnly();

    /// <summary>The terms of a job.</summary>
    /// <param name="jobId">Its id: a batch's messages are named after it, <c>batch:recipient</c>.</param>
    /// <param name="type">Its type: a batch that names no id has one made of its job's.</param>
    /// <param name="data">Its data, as UTF-8 JSON or whatever came instead.</param>
    /// <param name="tags">Its tags.</param>
    public static IReadOnlyList<string> Of(string jobId, string type, ReadOnlyMemory<byte> data, IReadOnlyList<string>? tags)
    {
        ArgumentNullException.ThrowIfNull(jobId);
        var terms = new List<string>();
        try
        {
            AddIds(terms, data.Span);
        }
        catch (JsonException)
        {
            // It is found by what came before.
        }

        if (jobId.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && Guid.TryParseExact(jobId.AsSpan(0, colon), "D", out var batch))
        {
            terms.Add(OfId(Batch, batch));
        }
        else if (type == JobTypes.BatchSend && !terms.Exists(term => term.StartsWith(Batch, StringComparison.Ordinal)))
        {
            terms.Add(OfId(Batch, BatchSendJob.BatchIdOf(jobId)));
        }

        terms.AddRange((tags ?? []).Select(OfTag));
        return MayRepeat(terms) ? [.. terms.Distinct(StringComparer.Ordinal)] : terms;
    }

    /// <summary>The term of an id.</summary>
    /// <param name="name">Its name, one of <see cref="Ids"/>.</param>
    /// <param name="id">The id.</param>
    public static string OfId(string name, Guid id) => $"{name}:{id:D}";

    /// <summary>The term of a tag.</summary>
    /// <param name="tag">The tag.</param>
    public static string OfTag(string tag) => $"{Tag}:{tag}";

    /// <summary>A term that is a hash already, a keyed one.</summary>
    /// <param name="hash">The hash.</param>
    public static string OfHash(ReadOnlySpan<byte> hash) => $"{IsHash}{Base64Url.EncodeToString(hash[..HashBytes])}";

    /// <summary>A term as stores keep it: twelve characters.</summary>
    /// <param name="term">The term.</param>
    public static string Hash(string term)
    {
        ArgumentNullException.ThrowIfNull(term);
        return string.Create(HashLength, term, static (text, term) => WriteHash(term, text));
    }

    /// <summary>Terms as stores keep those of a job: their hashes, with blanks between them.</summary>
    /// <param name="terms">The terms; none make an empty text.</param>
    public static string HashAll(IReadOnlyList<string> terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        return terms.Count == 0 ? string.Empty : string.Create((terms.Count * (HashLength + 1)) - 1, terms, static (text, terms) =>
        {
            text.Fill(' ');
            for (var i = 0; i < terms.Count; i++)
            {
                WriteHash(terms[i], text.Slice(i * (HashLength + 1), HashLength));
            }
        });
    }

    // Written in place: an add under load makes five hashes a job, and what they leave behind costs as much as they do.
    private static void WriteHash(string term, Span<char> to)
    {
        if (term.Length == HashLength + 1 && term[0] == IsHash)
        {
            term.AsSpan(1).CopyTo(to);
            return;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var most = Encoding.UTF8.GetMaxByteCount(term.Length);
        var utf8 = most <= ShortTerm ? stackalloc byte[ShortTerm] : new byte[most];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(term, utf8)], hash);
        Base64Url.EncodeToChars(hash[..HashBytes], to);
    }

    // A job has a handful: to compare them costs less than a set.
    private static bool MayRepeat(List<string> terms)
    {
        for (var i = 1; i < terms.Count && terms.Count <= Handful; i++)
        {
            if (terms.IndexOf(terms[i], 0, i) >= 0)
            {
                return true;
            }
        }

        return terms.Count > Handful;
    }

    private static void AddIds(List<string> terms, ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = Deepest });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = NameOf(ref reader);
            reader.Read();
            if (name is not null && reader.TokenType == JsonTokenType.String && reader.TryGetGuid(out var id))
            {
                terms.Add(OfId(name, id));
            }
            else
            {
                reader.Skip();
            }
        }
    }

    // Names are read in any case; most are none of these, for which no text is made.
    private static string? NameOf(ref Utf8JsonReader reader)
    {
        foreach (var name in IdNames)
        {
            if (reader.ValueSpan.Length == name.Length && Ascii.EqualsIgnoreCase(reader.ValueSpan, name))
            {
                return name;
            }
        }

        return null;
    }
}
