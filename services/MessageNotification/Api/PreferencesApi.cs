using System.Globalization;
using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageNotification;

/// <summary>What a user wants to be notified by, and when.</summary>
internal static class PreferencesApi
{
    private const string TimeFormat = "HH:mm";
    private const int MaxDigestMinutes = 24 * 60;

    private static readonly Dictionary<string, IReadOnlyList<NotificationType>?> EmptyCategories = [];

    public static void MapPreferences(this WebApplication app)
    {
        var preferences = app.MapGroup("/users/{id}/notification-preferences").WithTags("Notifications").RequireUser(app.Services).WithUser();

        preferences.MapGet("/", FindAsync).WithName("GetNotificationPreferences")
            .WithSummary("A user's preferences; nothing opted out and no quiet hours, where the user has set none.").Produces<PreferencesView>();
        preferences.MapPut("/", SaveAsync).WithName("PutNotificationPreferences")
            .WithSummary("Puts preferences in place of the former ones. Quiet hours hold back push, SMS and e-mail that is not urgent, until they end. Nothing is changed by a request with a mistake in it.")
            .Produces<PreferencesView>();
    }

    private static async Task<IResult> FindAsync(string id, QueryInput input, PreferenceStore store, CancellationToken cancellationToken)
    {
        return input.Refusal(id, out var user) ?? TypedResults.Ok(ViewOf(await store.FindAsync(user, cancellationToken)));
    }

    private static async Task<IResult> SaveAsync(
        string id, PreferencesView body, QueryInput input, PreferenceStore store, CancellationToken cancellationToken)
    {
        var quietHours = body.QuietHours is { } hours ? Read(hours, input) : null;
        foreach (var name in (body.Categories ?? EmptyCategories).Keys.Where(name => !CategoryChoices.IsKnown(name)))
        {
            input.Refuse($"categories.{name}", $"is no category; they are {CategoryChoices.Names}.");
        }

        if (body.DigestMinutes is < 0 or > MaxDigestMinutes)
        {
            input.Refuse("digestMinutes", $"must be from 0, for never, to {MaxDigestMinutes}.");
        }

        if (input.Refusal(id, out var user) is { } refusal)
        {
            return refusal;
        }

        var preferences = new NotificationPreferences
        {
            UserId = user,
            OptedOut = (body.OptedOut ?? []).ToFlags(),
            Categories = CategoryChoices.Write((body.Categories ?? EmptyCategories).ToDictionary(one => one.Key, one => (one.Value ?? []).ToFlags())),
            DigestMinutes = body.DigestMinutes,
            QuietHours = quietHours,
        };
        await store.SaveAsync(preferences, cancellationToken);
        return TypedResults.Ok(ViewOf(preferences));
    }

    private static QuietHours? Read(QuietHoursView hours, QueryInput input)
    {
        var hasFrom = TimeOnly.TryParseExact(hours.From, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var from);
        var hasTo = TimeOnly.TryParseExact(hours.To, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var to);
        if (!hasFrom)
        {
            input.Refuse("quietHours.from", "must be a time of the day, like 22:00.");
        }

        if (!hasTo)
        {
            input.Refuse("quietHours.to", "must be a time of the day, like 07:00.");
        }
        else if (hasFrom && from == to)
        {
            input.Refuse("quietHours.to", "must differ from quietHours.from; to be left alone all day, opt out of the channels.");
        }

        if (hours.TimeZone is not { Length: > 0 and <= 100 } zone || !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            input.Refuse("quietHours.timeZone", "must be an IANA time zone, like Europe/Berlin.");
            return null;
        }

        return new QuietHours(from, to, zone);
    }

    private static PreferencesView ViewOf(NotificationPreferences? preferences) => new(
        (preferences?.OptedOut ?? NotificationChannels.None).ToList(),
        CategoryChoices.Read(preferences?.Categories).ToDictionary(one => one.Key, one => (IReadOnlyList<NotificationType>?)one.Value.ToList()),
        preferences?.DigestMinutes,
        preferences?.QuietHours is { } quiet ? new QuietHoursView(Text(quiet.From), Text(quiet.To), quiet.TimeZone) : null);

    private static string Text(TimeOnly time) => time.ToString(TimeFormat, CultureInfo.InvariantCulture);
}

/// <summary>A user's preferences.</summary>
/// <param name="OptedOut">The channels that the user does not want: push, email, sms, in_app.</param>
/// <param name="Categories">The channels that the user does not want for single categories: general, appointment, result, reminder, marketing.</param>
/// <param name="DigestMinutes">How many minutes of mails become one mail after the first; 0 for never, null for the service's own setting.</param>
/// <param name="QuietHours">When the user is not to be disturbed; left out or null for never.</param>
internal sealed record PreferencesView(
    IReadOnlyList<NotificationType>? OptedOut, Dictionary<string, IReadOnlyList<NotificationType>?>? Categories, int? DigestMinutes, QuietHoursView? QuietHours);

/// <summary>When a user is not to be disturbed.</summary>
/// <param name="From">When it begins, for example <c>22:00</c>.</param>
/// <param name="To">When it ends, for example <c>07:00</c>; before <paramref name="From"/> when that is on the next day.</param>
/// <param name="TimeZone">The time zone that these are meant in, for example <c>Europe/Berlin</c>.</param>
internal sealed record QuietHoursView(string? From, string? To, string? TimeZone);
