using System.Text.Json;

namespace WhiteCross.Jobs.Contracts;

/// <summary>The words of an enum on the wire.</summary>
internal static class EnumWords
{
    /// <summary>The words, as a list for error messages.</summary>
    public static string Of<TEnum>()
        where TEnum : struct, Enum => Of(typeof(TEnum));

    /// <summary>The words, as a list for error messages.</summary>
    public static string Of(Type type) =>
        type == typeof(JobPriority) ? "LOW (1), NORMAL (5), HIGH (10), CRITICAL (20)" : string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName));
}
