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
    private const char IsHash = '#'; // Other terms have a name, which none of these begins with.
    private const int Deepest = 128;

    /// <summary>The members of a job's data that it is found by: all are UUIDs.</summary>
    public static IReadOnlyList<string> Ids { get; } = ["messageId", "recipientId", "senderId", "conversationId", Batch];

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
        return terms.Count > 1 ? [.. terms.Distinct(StringComparer.Ordinal)] : terms;
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
    public static string OfHash(ReadOnlySpan<byte> hash) => $"{IsHash}{System.Buffers.Text.Base64Url.EncodeToString(hash[..HashBytes])}";

    /// <summary>A term as stores keep it: twelve characters.</summary>
    /// <param name="term">The term.</param>
    public static string Hash(string term)
    {
        ArgumentNullException.ThrowIfNull(term);
        if (term.StartsWith(IsHash))
        {
            return term[1..];
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(term), hash);
        return System.Buffers.Text.Base64Url.EncodeToString(hash[..HashBytes]);
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
        foreach (var name in Ids)
        {
            if (reader.ValueSpan.Length == name.Length && Ascii.EqualsIgnoreCase(reader.ValueSpan, name))
            {
                return name;
            }
        }

        return null;
    }
}
