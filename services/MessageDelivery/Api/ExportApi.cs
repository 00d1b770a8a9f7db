using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageDelivery;

/// <summary>A user's own data, as a download.</summary>
internal static class ExportApi
{
    public static void MapExport(this WebApplication app) => app.MapGet("/users/{id}/export", ExportAsync).WithName("ExportUser").WithTags("People")
        .WithSummary("Everything that is kept of the user who asks, as lines of JSON.")
        .WithDescription("Conversations, messages written and received, attachments with their content, notifications, devices, contacts and preferences; each line has a kind. The last line has the kind end: without it the download broke off.")
        .WithUser().RequireUser(app.Services).GathersErrors().Produces(StatusCodes.Status200OK, contentType: LinesDownload.ContentType)
        .ProducesValidationProblem().ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> ExportAsync(string id, QueryInput input, PersonExport export, CancellationToken cancellationToken)
    {
        var (user, asking) = (input.Id("id", id), input.RequiredUser());
        if (input.HasErrors)
        {
            return input.Problem();
        }

        if (asking != user)
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status403Forbidden, title: "This is another user's data.");
        }

        try
        {
            // Before anything is answered: the notification service is asked last, and must be there.
            await export.PageAsync(user, "notifications:", cancellationToken);
            var first = await export.PageAsync(user, null, cancellationToken);
            return new LinesDownload($"export-{user:N}", first!, (cursor, token) => export.PageAsync(user, cursor, token));
        }
        catch (HttpRequestException)
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status503ServiceUnavailable, title: "A part of the data cannot be read now.", detail: "A service that keeps it does not answer. Try again soon.");
        }
    }
}
