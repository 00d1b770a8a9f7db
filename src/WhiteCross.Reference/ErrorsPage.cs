using System.Globalization;
using System.Reflection;
using System.Text;
using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Reference;

/// <summary>The problem types of the APIs and the error codes of jobs.</summary>
internal static class ErrorsPage
{
    public static string Render(Sources sources)
    {
        var page = new StringBuilder($$"""
            ## Problem types of the APIs

            A request that cannot be served is answered with problem details (RFC 9457), `content-type: application/problem+json`: `type`, `title`, `status`, `detail`,
            `instance`, and `traceId` to quote to the operators. Programs go by `type`; it begins with `{{ProblemTypes.Prefix}}`. What has no type of ours (401, 403 of a
            role that may not, 404 of an unknown address, 405, 500) is only its status.


            """);
        ReferencePages.AddTable(page, ["type", "status", "title", "meaning, and the way out"], ProblemTypes.All.Select(type => new[]
        {
            $"`…{type.Name}`", type.Status.ToString(CultureInfo.InvariantCulture), type.Title, type.Meaning,
        }));
        page.AppendLine("""
            ## Error codes of jobs

            `error.code` of a job's record and of its attempts, and the reason of a dead letter.

            """);
        ReferencePages.AddTable(page, ["code", "meaning"], typeof(JobErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => new[]
        {
            $"`{field.GetRawConstantValue()}`", sources.Of(typeof(JobErrorCodes), field.Name),
        }));
        return page.ToString();
    }
}
