namespace WhiteCross.ServiceDefaults;

/// <summary>
/// The kinds of problem that the services answer with (RFC 9457). A program tells them apart by <c>type</c>, which stays, and not by <c>title</c> or
/// <c>detail</c>, which are for people.
/// </summary>
public static class ProblemTypes
{
    /// <summary>What every type of ours begins with.</summary>
    public const string Prefix = "urn:whitecross:problem:";

    private static readonly Dictionary<string, ProblemType> ByTitle = new ProblemType[]
    {
        new("invalid-request", 400, "The request is not valid; see errors for each field.", "`errors` has a list of sentences for each field that is wrong, named as in the request. Nothing was done. Correct it; a repeat answers the same."),
        new("cross-site", 403, "Cross-site request", "A browser sent this for a page of another site. Send it from the gateway's own pages, or from a program."),
        new("not-from-here", 403, "Not from here", "Nothing says who may use this gateway, so it serves its own machine only. Set `Access:ApiKeys` or `Access:Authority`."),
        new("no-door", 403, "No door", "The endpoint says of nobody that it is for them, so nobody gets in: a fault of the service."),
        new("not-yours-to-delete", 403, "Not yours to delete", "A clean-up that is no dry run deletes for good, which takes the role `admin`."),
        new("others-inbox", 403, "This is another user's inbox.", "A user reads no messages but the user's own."),
        new("others-notifications", 403, "These are another user's notifications.", "A user reads no notifications but the user's own."),
        new("others-data", 403, "This is another user's data.", "A user exports no data but the user's own; an admin exports a person's by `POST /queue/people/{id}/export`."),
        new("not-signed", 403, "Not signed by Twilio", "`X-Twilio-Signature` is not that of the request. It is checked against `Notifications:PublicUrl`, which must be the address that Twilio calls, and `Sms:AuthToken`."),
        new("key-not-shown", 403, "Not known here", "Receipts are taken from those who show `Receipts:Key`."),
        new("unknown-queue", 404, "Unknown queue", "There is no queue of that name; `detail` has those that there are."),
        new("unknown-job", 404, "Unknown job", "The queue has no job of that id on record, and never had, or longer ago than tombstones are kept."),
        new("job-gone", 404, "Job gone", "The job was there; its record has been trimmed or removed. `remains` says how it ended."),
        new("unknown-schedule", 404, "Unknown schedule", "The queue has no schedule of that id."),
        new("unknown-retry", 404, "Unknown retry", "There is no such retry that could be undone: its time is over, or it never was."),
        new("unknown-cause", 404, "Unknown cause", "The queue has no failed jobs of that cause; those that there are: `GET /queue/{queue}/failures`."),
        new("unknown-batch", 404, "Unknown batch", "There is no such batch on record."),
        new("no-such-message", 404, "No such message.", "There is none, or the user may not see it: the two are not told apart."),
        new("no-such-conversation", 404, "No such conversation.", "There is none, or the user is no member of it."),
        new("no-such-member", 404, "The conversation has no such member.", "Nobody of that id is a member of the conversation."),
        new("no-such-user", 404, "No such user in your conversations.", "A user sees who is there only of those it shares a conversation with."),
        new("no-such-attachment", 404, "No such attachment.", "There is none, or the user may not see it."),
        new("no-such-notification", 404, "No such notification.", "There is none, or it is another user's."),
        new("no-such-device", 404, "No such device.", "The user has registered none of that token."),
        new("no-such-contact", 404, "No such contact.", "The user has registered no address for that channel."),
        new("no-such-suppression", 404, "No such entry on the list.", "The suppression list has no such entry, or not that address."),
        new("no-such-hold", 404, "There is no such hold.", "The holds that there are: `GET /queue/legal-holds`."),
        new("wrong-state", 409, "Wrong state", "The job's or the batch's state does not allow it; `detail` says which states do."),
        new("conversation-exists", 409, "There is another conversation of this id.", "Choose another id, or leave it out."),
        new("conversation-full", 409, "The conversation is full.", "`detail` has the limit, `Delivery:MaxMembers`."),
        new("too-late", 409, "Too late", "The retry has been carried out and can no longer be undone."),
        new("held-already", 409, "Held already", "The id, the conversation or the user has another hold; those that there are: `GET /queue/legal-holds`."),
        new("job-removed", 410, "Job removed", "The job was removed before it had ended; its id is not taken again. Use another."),
        new("attachment-sealed", 410, "The attachment cannot be opened any more.", "The key that it is sealed with is not in `SECRET_JOB_KEYS`."),
        new("too-large", 413, "Too large", "The body is larger than is taken; `detail` has the limit."),
        new("attachment-too-large", 413, "The attachment is too large.", "`detail` has the limit, `Attachments:MaxBytes`."),
        new("quota-exceeded", 413, "The user's attachments would be too large.", "All that the user has stored together would exceed `Attachments:MaxBytesPerUser`."),
        new("not-json", 415, "Not JSON", "Send the body with `content-type: application/json`."),
        new("wrong-content-type", 415, "Wrong content type", "`detail` says as what the body is to be sent."),
        new("unknown-host", 421, "Unknown host", "The request is for a host that the service does not go by. `Access:Hosts` names those that it does, besides localhost."),
        new("attachment-infected", 422, "The attachment is infected.", "The scanner has found what `detail` names. Nothing was kept."),
        new("too-many-requests", 429, "Too many requests", "The caller, user or address has sent more than `Access` allows in this second, has as many streams open as it may, or has shown too many wrong keys in this minute; `detail` says which. `Retry-After` says when to go on; many jobs fit into one request, `…/jobs/bulk`."),
        new("cannot-decrypt", 502, "The message cannot be decrypted.", "The key that the message was encrypted with is not in the key ring, or the text was changed."),
        new("job-store-away", 503, "Job store away", "Redis does not answer. `outcome` says whether nothing was done (`none`), all was (`done`), or it is not known (`unknown`); `jobId` or `jobs` name the ids with which a repeat is safe."),
        new("job-store-full", 503, "Job store full", "Redis has no memory left and takes nothing that adds to it; nothing was done. What ends, removes or cleans goes on and makes room: docs/operations.md."),
        new("service-away", 503, "Service unavailable", "A service behind the gateway does not answer; `detail` says what that means for the request."),
        new("sidecar-away", 503, "Sidecar away", "The service's Dapr sidecar does not answer; `detail` says what that means for the request."),
        new("membership-unknown", 503, "What may be read is not known now.", "The service that knows who is a member does not answer, so nothing is shown; try again."),
        new("not-set-up", 503, "Not set up", "A setting is missing, which `detail` names; without it nothing that comes there can be believed."),
        new("identity-provider-away", 503, "Identity provider away", "The issuer of access tokens does not answer, so that none can be checked. Ask again."),
        new("scanner-away", 503, "The attachment cannot be scanned now.", "The scanner does not answer or has no verdict, as `detail` says. Nothing was kept; try again soon."),
        new("part-away", 503, "A part of the data cannot be read now.", "A service that keeps a part of it does not answer; nothing was sent. Try again soon."),
        new("encryption-away", 503, "The encryption service is away.", "The message is stored encrypted and cannot be read until the service is back."),
    }.ToDictionary(type => type.Title, StringComparer.Ordinal);

    /// <summary>All types, by status.</summary>
    public static IReadOnlyCollection<ProblemType> All => ByTitle.Values;

    /// <summary>The type of a problem with this title; null for one that is only its status (401, 404 of an unknown address, 500).</summary>
    /// <param name="title">The title.</param>
    public static ProblemType? Of(string? title) => title is null ? null : ByTitle.GetValueOrDefault(title);
}

/// <summary>A kind of problem.</summary>
/// <param name="Name">Its name, which ends its type.</param>
/// <param name="Status">The status that it comes with.</param>
/// <param name="Title">What it is, for people.</param>
/// <param name="Meaning">What it means and the way out.</param>
public sealed record ProblemType(string Name, int Status, string Title, string Meaning)
{
    /// <summary>Its type on the wire.</summary>
    public string Uri => ProblemTypes.Prefix + Name;
}
