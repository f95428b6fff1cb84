# What the scenarios in corpnet call. Each try_TOOL asks the host by the tool itself and says in its output whether a TLS
# handshake was finished that the tool verified.
set -u
# on a busy machine the gateway takes longer to start than corpnet waits
for _ in {1..300}; do if (: </dev/tcp/127.0.0.1/443) 2>/dev/null; then break; fi; sleep 0.2; done

run() { local name=$1; shift; "$@" >"$out/$name.out" 2>"$out/$name.err" </dev/null; echo $? >"$out/$name.code"; }

in_python() { timeout 60 python3 -c "import sys; url = sys.argv[1]"$'\n'"$1" "$2"; }

try_aiohttp() { in_python '
import aiohttp, asyncio
async def ask():
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        print("CONNECTED", await answer.text())
asyncio.run(ask())' "$1"; }
try_aria2() { timeout 60 aria2c -q --async-dns=false --allow-overwrite=true -d "$(mktemp -d -p "$out")" -o answer "$1" && echo CONNECTED; }
try_aws() { AWS_EC2_METADATA_DISABLED=true AWS_MAX_ATTEMPTS=1 AWS_DEFAULT_REGION=eu-west-1 timeout 60 aws --no-sign-request --endpoint-url "$1" s3api list-buckets; }
try_bun() { timeout 60 bun -e 'console.log("CONNECTED", await (await fetch(process.argv.at(-1))).text())' "$1"; }
try_curl() { timeout 60 curl -sS "$1" && echo CONNECTED; }
try_deno() { DENO_DIR=$(mktemp -d -p "$out") timeout 60 deno eval 'console.log("CONNECTED", await (await fetch(Deno.args[0])).text())' "$1"; }
try_git() { GIT_TERMINAL_PROMPT=0 timeout 60 git ls-remote "$1/x.git"; }
try_gnutls() { timeout 60 gnutls-cli "${1#https://}"; }
try_httpie() { HTTPIE_CONFIG_DIR=$(mktemp -d -p "$out") timeout 60 http --ignore-stdin --check-status --pretty=none "$1" && echo CONNECTED; }
try_httplib2() { in_python 'import httplib2; print("CONNECTED", httplib2.Http().request(url)[1])' "$1"; }
try_httpx() { in_python 'import httpx; print("CONNECTED", httpx.get(url).text)' "$1"; }
try_httpx2() { in_python 'import httpx2; print("CONNECTED", httpx2.get(url).text)' "$1"; }
try_java() { timeout 60 java -cp "$out" Ask "$1"; }
try_kubectl() { timeout 60 kubectl --server="$1" --token=none --request-timeout=20s get --raw / && echo CONNECTED; }
try_mercurial() { timeout 60 hg identify "$1"; }
try_node() { timeout 60 node -e 'fetch(process.argv[1]).then(r => r.text()).then(t => console.log("CONNECTED", t), e => { console.error(e.cause?.code ?? e); process.exit(1) })' "$1"; }
try_npm() { timeout 60 npm ping --registry "$1" --fetch-retries 0 --cache "$(mktemp -d -p "$out")"; }
try_openssl() { local host=${1#https://}; timeout 60 openssl s_client -connect "$host:443" -servername "$host" -verify_return_error -brief && echo CONNECTED; }
try_perl-lwp() { timeout 60 perl -MLWP::UserAgent -e '$answer = LWP::UserAgent->new->get($ARGV[0]); print $answer->is_success ? "CONNECTED" : $answer->status_line' "$1"; }
try_php() { timeout 60 php -r 'echo file_get_contents($argv[1]) === false ? "" : "CONNECTED";' "$1"; }
try_php-curl() { timeout 60 php -r '$c = curl_init($argv[1]); curl_setopt($c, CURLOPT_RETURNTRANSFER, true); echo curl_exec($c) === false ? curl_error($c) : "CONNECTED";' "$1"; }
try_pip() { timeout 60 python3 -m pip download --retries 0 --no-deps --no-cache-dir --disable-pip-version-check -d "$(mktemp -d -p "$out")" --index-url "$1/simple" nothing-of-this-name; }
try_pycurl() { in_python '
import pycurl
handle = pycurl.Curl(); handle.setopt(pycurl.URL, url); handle.setopt(pycurl.WRITEFUNCTION, lambda got: None)
handle.perform(); print("CONNECTED")' "$1"; }
try_python() { in_python 'import urllib.request; print("CONNECTED", urllib.request.urlopen(url).read())' "$1"; }
try_r() { timeout 60 Rscript -e 'cat("CONNECTED", readLines(url(commandArgs(TRUE)[1]), warn = FALSE))' "$1"; }
try_rclone() { timeout 60 rclone --config notfound --retries 1 --low-level-retries 1 cat :http:x --http-url "$1" && echo CONNECTED; }
try_requests() { in_python 'import requests; print("CONNECTED", requests.get(url).text)' "$1"; }
try_ruby() { timeout 60 ruby -ropen-uri -e 'puts "CONNECTED", URI.open(ARGV[0]).read' "$1"; }
try_subversion() { timeout 60 svn info --non-interactive --config-dir "$(mktemp -d -p "$out")" "$1"; }
try_urllib3() { in_python 'import urllib3; print("CONNECTED", urllib3.PoolManager(retries=False).request("GET", url).data)' "$1"; }
try_uv() { UV_HTTP_RETRIES=0 timeout 60 uv pip install --no-cache --no-config --target "$(mktemp -d -p "$out")" --index-url "$1/simple" nothing-of-this-name; }
try_wget() { timeout 60 wget --no-hsts -qO- "$1" && echo CONNECTED; }
try_wget2() { local own; own=$(mktemp -d -p "$out"); timeout 60 wget2 --hsts-file="$own/hsts" --ocsp-file="$own/ocsp" -qO- "$1" && echo CONNECTED; }

# Tries every tool of $tools against both hosts, some at a time.
try_all() {
  local tool
  for tool in $tools; do
    run "$1-inspected-$tool" "try_$tool" "$inspected" &
    run "$1-private-$tool" "try_$tool" "$private" &
    while (($(jobs -rp | wc -l) >= 6)); do wait -n; done
  done
  wait
}
