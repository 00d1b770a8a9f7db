using System.Text.Json;
using System.Text.Unicode;

namespace WhiteCross.Jobs.Contracts;

/// <summary>
/// Reads job envelopes, from anywhere: never throws, whatever the bytes are. What is valid is read once, without copies; what is not is read a second
/// time, field by field, so that every error is named and not only the first.
/// </summary>
/// <param name="types">The job types that are known.</param>
public sealed partial class JobEnvelopeReader(JobTypeRegistry types)
{
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = JobLimits.Nesting };
    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = JobLimits.Nesting };

    private static readonly JobTypeReader<JobOptions> OptionsReader = new(JobsJsonContext.Closed.JobOptions, new JobOptionsValidator());

    /// <summary>Reads the job types of White Cross.</summary>
    public static JobEnvelopeReader Default { get; } = new(JobTypeRegistry.Default);

    /// <summary>Reads an envelope or, on a queue with one job type, bare data.</summary>
    /// <param name="queue">The queue it is for.</param>
    /// <param name="utf8">The JSON. What the reading holds are parts of it.</param>
    public JobReading Read(QueueDefinition queue, ReadOnlyMemory<byte> utf8)
    {
        ArgumentNullException.ThrowIfNull(queue);
        if (utf8.Length > JobLimits.EnvelopeBytes)
        {
            var (jobId, type) = Identify(queue, utf8);
            return TooLarge(jobId, type);
        }

        if (!TrySplit(utf8, out var parts))
        {
            return Explain(queue, utf8, default);
        }

        if (!parts.HasData && queue.DefaultJobType is not null)
        {
            // Without a member "data" it is the data itself; members of the envelope's names then belong to the data.
            parts = new Parts
            {
                Data = utf8,
                Seen = Members.Data,
                IsBare = true,
                HasWrongMember = (parts.Seen.HasFlag(Members.JobId) || parts.Seen.HasFlag(Members.Options) || parts.HasSingleOption) && HasMisplaced(queue, utf8, isBare: true),
            };
        }
        else if (parts.HasSingleOption || parts.HasOther)
        {
            parts.HasWrongMember |= HasMisplaced(queue, utf8, isBare: false);
        }

        if (parts.Data.Length > JobLimits.DataBytes)
        {
            return TooLarge(JobIds.IsValid(parts.JobId) ? parts.JobId : null, parts.Type ?? queue.DefaultJobType ?? string.Empty);
        }

        return TryRead(queue, parts) ?? Explain(queue, utf8, parts);
    }

    /// <summary>Looks at data that is on record already.</summary>
    /// <param name="jobType">The job's type.</param>
    /// <param name="data">The data, as UTF-8 JSON.</param>
    /// <returns>What is wrong with it, field by field, without a value; null when nothing is, or when the type is not known here.</returns>
    public string? ErrorsOf(string jobType, ReadOnlyMemory<byte> data)
    {
        ArgumentNullException.ThrowIfNull(jobType);
        if (types.Find(jobType) is not { } reader)
        {
            return null;
        }

        var errors = new FieldErrors();
        if (Utf8.IsValid(data.Span) && JsonEscapes.IndexOfLoneSurrogate(data.Span) < 0)
        {
            if (reader.TryRead(data.Span) is not null)
            {
                return null;
            }

            try
            {
                using var document = JsonDocument.Parse(data, DocumentOptions);
                reader.Explain(document.RootElement, "data", errors);
            }
            catch (JsonException)
            {
                // Said below.
            }
        }

        return errors.IsEmpty ? "data: must be JSON, in UTF-8." : errors.ToString();
    }

    private JobReading? TryRead(QueueDefinition queue, in Parts parts)
    {
        var type = parts.Type ?? queue.DefaultJobType;
        if (parts.HasWrongMember || (parts.JobId is not null && !JobIds.IsValid(parts.JobId)) || type is null || !queue.Takes(type) || types.Find(type) is not { } reader)
        {
            return null;
        }

        var options = new JobOptions();
        ReadOnlyMemory<byte> optionsJson = default;
        if (!parts.Options.IsEmpty && !parts.Options.Span.SequenceEqual("null"u8))
        {
            if (OptionsReader.TryRead(parts.Options.Span) is not JobOptions asked)
            {
                return null;
            }

            options = asked;
            optionsJson = JsonSerializer.SerializeToUtf8Bytes(asked, JobsJsonContext.Default.JobOptions);
        }

        return reader.TryRead(parts.Data.Span) is { } job
            ? new JobReading { JobId = parts.JobId, Type = type, Data = parts.Data, OptionsJson = optionsJson, Options = options, Job = job }
            : null;
    }

    // Rarely needed, and then every name counts: by the slow way, which can also tell.
    private bool HasMisplaced(QueueDefinition queue, ReadOnlyMemory<byte> utf8, bool isBare)
    {
        var errors = new FieldErrors();
        using var document = JsonDocument.Parse(utf8, DocumentOptions);
        AddMisplaced(queue, document.RootElement, isBare, errors);
        return !errors.IsEmpty;
    }

    private void AddMisplaced(QueueDefinition queue, JsonElement root, bool isBare, FieldErrors errors)
    {
        if (isBare)
        {
            EnvelopeMembers.AddMisplacedInBareData(root, types.Find(queue.DefaultJobType!), errors);
        }
        else
        {
            EnvelopeMembers.AddMisplaced(root, errors);
        }
    }

    /// <summary>Finds the members of the envelope; false when it is no JSON object, or holds a member twice.</summary>
    private static bool TrySplit(ReadOnlyMemory<byte> utf8, out Parts parts)
    {
        parts = default;
        if (!Utf8.IsValid(utf8.Span) || JsonEscapes.IndexOfLoneSurrogate(utf8.Span) >= 0)
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(utf8.Span, ReaderOptions);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (!ReadMember(ref reader, utf8, ref parts))
                {
                    return false;
                }
            }

            // Anything behind the object makes the reader throw.
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool ReadMember(ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8, ref Parts parts)
    {
        switch (EnvelopeMembers.KindOf(ref reader))
        {
            case EnvelopeMembers.Kind.JobId:
                parts.JobId = ReadText(ref reader, ref parts.HasWrongMember);
                return parts.IsFirst(Members.JobId);
            case EnvelopeMembers.Kind.Type:
                parts.Type = ReadText(ref reader, ref parts.HasWrongMember);
                return parts.IsFirst(Members.Type);
            case EnvelopeMembers.Kind.Data:
                parts.Data = Slice(ref reader, utf8);
                return parts.IsFirst(Members.Data);
            case EnvelopeMembers.Kind.Options:
                parts.Options = Slice(ref reader, utf8);
                return parts.IsFirst(Members.Options);
            case EnvelopeMembers.Kind.SingleOption:
                parts.HasSingleOption = true;
                break;
            default:
                parts.HasOther = true;
                break;
        }

        reader.Skip();
        return true;
    }

    private static string? ReadText(ref Utf8JsonReader reader, ref bool isWrong)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        // Null is as good as absent; anything else may still be a member of bare data.
        isWrong |= reader.TokenType != JsonTokenType.Null;
        reader.Skip();
        return null;
    }

    private static ReadOnlyMemory<byte> Slice(ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return utf8[start..(int)reader.BytesConsumed];
    }

    [Flags]
    private enum Members
    {
        None = 0,
        JobId = 1,
        Type = 2,
        Data = 4,
        Options = 8,
    }

    private struct Parts
    {
        public string? JobId;
        public string? Type;
        public ReadOnlyMemory<byte> Data;
        public ReadOnlyMemory<byte> Options;
        public Members Seen;
        public bool HasWrongMember;
        public bool HasSingleOption;
        public bool HasOther;
        public bool IsBare;

        public readonly bool HasData => Seen.HasFlag(Members.Data);

        public bool IsFirst(Members member)
        {
            var isFirst = !Seen.HasFlag(member);
            Seen |= member;
            return isFirst;
        }
    }
}
