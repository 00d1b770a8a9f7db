using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Client.Transport;

namespace WhiteCross.Cli.Adding;

/// <summary>A batch with its recipients in a file beside it: sent as it is read, however long it is.</summary>
internal static class RecipientFile
{
    /// <summary>The form that the gateway takes.</summary>
    /// <param name="file">The recipients.</param>
    /// <param name="envelope">The batch's job.</param>
    /// <exception cref="CliException">The file cannot be read, or is of another kind.</exception>
    public static MultipartFormDataContent Open(string file, JsonObject envelope)
    {
        var type = Path.GetExtension(file).ToUpperInvariant() switch
        {
            ".CSV" => "text/csv",
            ".NDJSON" or ".JSONL" => "application/x-ndjson",
            _ => throw new CliException(ExitCodes.WrongInput, $"--recipients: {file} must be a .csv or an .ndjson file."),
        };
        try
        {
            var recipients = new StreamContent(File.OpenRead(file)) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
            return new MultipartFormDataContent { { JsonBody.Of(envelope), "job" }, { recipients, "recipients" } };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.WrongInput, $"--recipients: {file} cannot be read.");
        }
    }
}
