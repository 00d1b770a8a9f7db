using System.Text.Json;

namespace WhiteCross.Jobs.Contracts;

/// <summary>
/// The members of an envelope, by their names. What nobody knows is passed over, so that publishers may keep things of their own there; but what was
/// clearly meant for us and stands in the wrong place, or is misspelled, is refused: the job would run otherwise than its publisher asked.
/// </summary>
internal static class EnvelopeMembers
{
    private const int LongestName = 64;
    private const string Envelope = "an envelope {\"jobId\"?, \"type\", \"data\": {…}, \"options\"?: {…}}";

    private static readonly string[] Names = ["jobId", "type", "data", "options"];
    private static readonly string[] OptionNames = [.. JobsJsonContext.Default.JobOptions.Properties.Select(option => option.Name)];

    /// <summary>What a property's name stands for.</summary>
    public enum Kind
    {
        JobId,
        Type,
        Data,
        Options,

        /// <summary>One of the options, which belong into <c>options</c>.</summary>
        SingleOption,
        Other,
    }

    /// <summary>What the name at the reader stands for, without regard to case.</summary>
    public static Kind KindOf(ref Utf8JsonReader reader)
    {
        // As it is nearly always spelled: without a copy.
        if (reader.ValueTextEquals("jobId"u8))
        {
            return Kind.JobId;
        }

        if (reader.ValueTextEquals("type"u8))
        {
            return Kind.Type;
        }

        if (reader.ValueTextEquals("data"u8))
        {
            return Kind.Data;
        }

        if (reader.ValueTextEquals("options"u8))
        {
            return Kind.Options;
        }

        if (reader.ValueSpan.Length > LongestName)
        {
            return Kind.Other;
        }

        Span<char> name = stackalloc char[LongestName];
        name = name[..reader.CopyString(name)];
        for (var i = 0; i < Names.Length; i++)
        {
            if (name.Equals(Names[i], StringComparison.OrdinalIgnoreCase))
            {
                return (Kind)i;
            }
        }

        foreach (var option in OptionNames)
        {
            if (name.Equals(option, StringComparison.OrdinalIgnoreCase))
            {
                return Kind.SingleOption;
            }
        }

        return Kind.Other;
    }

    /// <summary>The member that a name stands for; null when it is none.</summary>
    public static string? Find(string? name) => Names.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Notes what stands in the wrong place, or is misspelled, beside the data of an envelope.</summary>
    public static void AddMisplaced(JsonElement envelope, FieldErrors errors)
    {
        foreach (var property in envelope.EnumerateObject())
        {
            if (TypedJsonInspector.NameOf(property) is not { } name || Is(Names, name))
            {
                continue;
            }

            if (Is(OptionNames, name))
            {
                errors.Add(UnknownNames.FieldOf(name), "belongs into options: {\"options\": {\"" + Spelled(OptionNames, name) + "\": …}}.");
            }
            else if (string.Equals(name, "id", StringComparison.OrdinalIgnoreCase))
            {
                errors.Add("id", "is not known here; did you mean jobId? Known are jobId, type, data, options.");
            }
            else if (UnknownNames.FieldOf(name) != "$" && NearestName.Find(name, Names) is not null)
            {
                errors.Add(name, UnknownNames.Message(name, Names));
            }
        }
    }

    /// <summary>Notes what belongs into an envelope and stands among bare data.</summary>
    public static void AddMisplacedInBareData(JsonElement data, JobTypeReader? type, FieldErrors errors)
    {
        foreach (var property in data.EnumerateObject())
        {
            if (TypedJsonInspector.NameOf(property) is { } name && type?.HasMember(name) != true
                && (Is(OptionNames, name) || name.Equals("jobId", StringComparison.OrdinalIgnoreCase) || name.Equals("options", StringComparison.OrdinalIgnoreCase)))
            {
                errors.Add(UnknownNames.FieldOf(name), $"is no part of the data: it belongs into {Envelope}.");
            }
        }
    }

    private static bool Is(string[] names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static string Spelled(string[] names, string name) => names.First(known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
}
