using MimeKit;
using PhoneNumbers;
using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>Where a user is reached: devices, an e-mail address and a phone number, and whether the user wants to be written to there.</summary>
internal static class RegistryApi
{
    private const int MaxToken = 1_024;

    private static readonly string[] Platforms = ["android", "ios", "web"];

    public static void MapRegistry(this WebApplication app)
    {
        var devices = app.MapGroup("/users/{id}/devices").WithTags("Notifications").RequireUser(app.Services).WithUser();
        devices.MapGet("/", ListDevicesAsync).WithName("ListDevices").WithSummary("A user's devices, the one seen last first. Their tokens are not shown in full.").Produces<DeviceList>();
        devices.MapPut("/{token}", SaveDeviceAsync).WithName("PutDevice")
            .WithSummary("Registers the device that the user is signed in on, for pushes; again says that it is still there. A token of another user's becomes this user's.")
            .Produces<DeviceView>();
        devices.MapDelete("/{token}", RemoveDeviceAsync).WithName("RemoveDevice").WithSummary("Forgets a device: the user has signed out there.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);

        var contacts = app.MapGroup("/users/{id}/contacts").WithTags("Notifications").RequireUser(app.Services).WithUser();
        contacts.MapGet("/", ListContactsAsync).WithName("ListContacts").WithSummary("A user's own addresses, and whether the user wants to be written to there.").Produces<ContactList>();
        contacts.MapPut("/{channel}", SaveContactAsync).WithName("PutContact")
            .WithSummary("Puts an address in place of the former one: channel is email or sms. With consent false nothing is sent by the channel, wherever to.")
            .Produces<ContactView>();
        contacts.MapDelete("/{channel}", RemoveContactAsync).WithName("RemoveContact").WithSummary("Forgets an address, and what was said of it.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListDevicesAsync(string id, QueryInput input, DeviceStore store, CancellationToken cancellationToken)
    {
        return input.Refusal(id, out var user) ?? TypedResults.Ok(new DeviceList([.. (await store.ListAsync(user, cancellationToken)).Select(DeviceView.Of)]));
    }

    private static async Task<IResult> SaveDeviceAsync(string id, string token, DeviceInput? body, QueryInput input, DeviceStore store, CancellationToken cancellationToken)
    {
        Check(token, input);
        if (body?.Platform is { } platform && !Platforms.Contains(platform))
        {
            input.Refuse("platform", $"must be one of {string.Join(", ", Platforms)}, or left out.");
        }

        return input.Refusal(id, out var user) ?? TypedResults.Ok(DeviceView.Of(await store.SaveAsync(user, token, body?.Platform, cancellationToken)));
    }

    private static async Task<IResult> RemoveDeviceAsync(string id, string token, QueryInput input, DeviceStore store, CancellationToken cancellationToken)
    {
        Check(token, input);
        return input.Refusal(id, out var user) is { } refusal ? refusal
            : await store.RemoveAsync(user, token, cancellationToken) ? TypedResults.NoContent()
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such device.");
    }

    private static void Check(string token, QueryInput input)
    {
        if (token.Length > MaxToken || token.Any(one => one is <= ' ' or > '~'))
        {
            input.Refuse("token", $"must be a device token: 1–{MaxToken} printable characters without spaces.");
        }
    }

    private static async Task<IResult> ListContactsAsync(string id, QueryInput input, ContactStore store, CancellationToken cancellationToken)
    {
        return input.Refusal(id, out var user) ?? TypedResults.Ok(new ContactList([.. (await store.ListAsync(user, cancellationToken)).Select(ContactView.Of)]));
    }

    private static async Task<IResult> SaveContactAsync(
        string id, string channel, ContactInput body, QueryInput input, ContactStore store, PhoneNumberUtil numbers, TimeProvider time, CancellationToken cancellationToken)
    {
        var type = ChannelOf(channel, input);
        var address = type == NotificationType.Email ? MailAddress(body.Address) : Number(body.Address, numbers);
        if (address is null)
        {
            input.Refuse("address", type == NotificationType.Email ? "must be an e-mail address, like ada@example.org." : "must be a phone number that there is, in E.164: + and the country code, without spaces.");
        }

        if (body.Consent is null)
        {
            input.Refuse("consent", "is required: true or false, as the user has said.");
        }

        if (input.Refusal(id, out var user) is { } refusal)
        {
            return refusal;
        }

        var contact = new Contact { UserId = user, Channel = type, Address = address!, Consent = body.Consent!.Value, ChangedAt = time.GetUtcNow().ToStored() };
        await store.SaveAsync(contact, cancellationToken);
        return TypedResults.Ok(ContactView.Of(contact));
    }

    private static async Task<IResult> RemoveContactAsync(string id, string channel, QueryInput input, ContactStore store, CancellationToken cancellationToken)
    {
        var type = ChannelOf(channel, input);
        return input.Refusal(id, out var user) is { } refusal ? refusal
            : await store.RemoveAsync(user, type, cancellationToken) ? TypedResults.NoContent()
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such contact.");
    }

    private static NotificationType ChannelOf(string channel, QueryInput input)
    {
        if (channel is not ("email" or "sms"))
        {
            input.Refuse("channel", "must be email or sms.");
        }

        return channel == "sms" ? NotificationType.Sms : NotificationType.Email;
    }

    private static string? MailAddress(string? text) =>
        text is { Length: <= 320 } && MailboxAddress.TryParse(text, out var mailbox) && mailbox.Address == text && text.IndexOf('@', StringComparison.Ordinal) > 0 ? text : null;

    private static string? Number(string? text, PhoneNumberUtil numbers)
    {
        try
        {
            var number = numbers.Parse(text, null);
            return numbers.IsValidNumber(number) ? numbers.Format(number, PhoneNumberFormat.E164) : null;
        }
        catch (NumberParseException)
        {
            return null;
        }
    }
}

/// <summary>What an app says of the device.</summary>
/// <param name="Platform">android, ios or web; left out, nothing.</param>
internal sealed record DeviceInput(string? Platform);

/// <summary>A user's devices.</summary>
/// <param name="Devices">The devices.</param>
internal sealed record DeviceList(IReadOnlyList<DeviceView> Devices);

/// <summary>A device.</summary>
/// <param name="Token">The end of its token, enough to tell it from the user's others.</param>
/// <param name="Platform">Its platform, where the app has said it.</param>
/// <param name="SeenAt">When the app last said that it is there.</param>
internal sealed record DeviceView(string Token, string? Platform, DateTimeOffset SeenAt)
{
    public static DeviceView Of(Device device) => new(device.Token.Length > 16 ? $"…{device.Token[^8..]}" : "…", device.Platform, device.SeenAt);
}

/// <summary>An address, and whether the user wants to be written to there.</summary>
/// <param name="Address">The e-mail address or the phone number.</param>
/// <param name="Consent">The user's own yes or no.</param>
internal sealed record ContactInput(string? Address, bool? Consent);

/// <summary>A user's own addresses.</summary>
/// <param name="Contacts">At most one a channel.</param>
internal sealed record ContactList(IReadOnlyList<ContactView> Contacts);

/// <summary>A user's own address.</summary>
/// <param name="Channel">email or sms.</param>
/// <param name="Address">The address.</param>
/// <param name="Consent">Whether the user wants to be written to there.</param>
/// <param name="ChangedAt">Since when.</param>
internal sealed record ContactView(NotificationType Channel, string Address, bool Consent, DateTimeOffset ChangedAt)
{
    public static ContactView Of(Contact contact) => new(contact.Channel, contact.Address, contact.Consent, contact.ChangedAt);
}
