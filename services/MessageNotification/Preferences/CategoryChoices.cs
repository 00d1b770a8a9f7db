using System.Globalization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>The channels that a user does not want, by category: stored as <c>marketing:6,reminder:2</c>.</summary>
internal static class CategoryChoices
{
    /// <summary>The name for notifications that have no category.</summary>
    public const string General = "general";

    // A one-time code is asked for by its recipient, who could not log in without it.
    private static readonly (string Name, NotificationCategory? Category)[] All =
    [
        (General, null), ("appointment", NotificationCategory.Appointment), ("result", NotificationCategory.Result),
        ("reminder", NotificationCategory.Reminder), ("marketing", NotificationCategory.Marketing),
    ];

    public static string Names { get; } = string.Join(", ", All.Select(one => one.Name));

    /// <summary>The name of a category; null for the one that nobody can opt out of.</summary>
    public static string? NameOf(NotificationCategory? category) => Array.Find(All, one => one.Category == category).Name;

    public static bool IsKnown(string name) => All.Any(one => one.Name == name);

    public static IReadOnlyDictionary<string, NotificationChannels> Read(string? stored) => (stored ?? string.Empty)
        .Split(',', StringSplitOptions.RemoveEmptyEntries)
        .Select(part => part.Split(':'))
        .ToDictionary(part => part[0], part => (NotificationChannels)int.Parse(part[1], CultureInfo.InvariantCulture));

    /// <summary>As it is stored, in the order of the categories; null for nothing.</summary>
    public static string? Write(IReadOnlyDictionary<string, NotificationChannels> choices)
    {
        var parts = All.Where(one => choices.GetValueOrDefault(one.Name) != NotificationChannels.None)
            .Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Name}:{(int)choices[one.Name]}")).ToArray();
        return parts.Length == 0 ? null : string.Join(',', parts);
    }
}
