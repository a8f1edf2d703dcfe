// What is ours around the English texts: navigation, buttons, headings. Filled in when a page is served, by language.
import { escapeToBuffer } from 'hono/utils/html'

/** @type {Record<string, Record<string, string>>} */
const TEXTS = {
  en: {
    dir: 'ltr',
    brand: 'Rasid',
    documentation: 'Documentation',
    languages: 'Language',
    navigation: 'Pages',
    guides: 'Guides',
    reference: 'Reference',
    overview: 'Overview',
    quickstart: 'Quickstart',
    callbacks: 'Callbacks',
    callbacksMore: 'Callbacks in Go and Java',
    sandbox: 'Sandbox numbers',
    compatibility: 'Coming from OneClickDz',
    errors: 'Errors',
    document: 'OpenAPI document',
    skip: 'Skip to the content',
    parameters: 'Parameters',
    parameter: 'Parameter',
    body: 'Body',
    field: 'Field',
    fields: 'All fields of the answer',
    type: 'Type',
    meaning: 'Meaning',
    required: 'required',
    request: 'Example request',
    answer: 'Answer',
    copy: 'Copy',
    copied: 'Copied',
    try: 'Try it in the sandbox',
    key: 'Sandbox key',
    keyNote: 'Only a sandbox key (rsd_test_…) is sent. It is kept in this page’s memory and nowhere else.',
    send: 'Send',
    sending: 'Sending…',
    failed: 'No answer came',
    badBody: 'The body is no JSON',
  },
  fr: {
    dir: 'ltr',
    brand: 'Rasid',
    documentation: 'Documentation',
    languages: 'Langue',
    navigation: 'Pages',
    guides: 'Guides',
    reference: 'Référence',
    overview: 'Vue d’ensemble',
    quickstart: 'Démarrage rapide',
    callbacks: 'Callbacks',
    callbacksMore: 'Callbacks en Go et Java',
    sandbox: 'Numéros de test',
    compatibility: 'Venir de OneClickDz',
    errors: 'Erreurs',
    document: 'Document OpenAPI',
    skip: 'Aller au contenu',
    parameters: 'Paramètres',
    parameter: 'Paramètre',
    body: 'Corps',
    field: 'Champ',
    fields: 'Tous les champs de la réponse',
    type: 'Type',
    meaning: 'Signification',
    required: 'obligatoire',
    request: 'Exemple de requête',
    answer: 'Réponse',
    copy: 'Copier',
    copied: 'Copié',
    try: 'Essayer dans le bac à sable',
    key: 'Clé de test',
    keyNote:
      'Seule une clé de test (rsd_test_…) est envoyée. Elle reste dans la mémoire de cette page et nulle part ailleurs.',
    send: 'Envoyer',
    sending: 'Envoi…',
    failed: 'Aucune réponse',
    badBody: 'Le corps n’est pas du JSON',
  },
  ar: {
    dir: 'rtl',
    brand: 'رصيد',
    documentation: 'الوثائق',
    languages: 'اللغة',
    navigation: 'الصفحات',
    guides: 'أدلة',
    reference: 'المرجع',
    overview: 'نظرة عامة',
    quickstart: 'بداية سريعة',
    callbacks: 'الإشعارات (callbacks)',
    callbacksMore: 'الإشعارات في Go وJava',
    sandbox: 'أرقام التجربة',
    compatibility: 'الانتقال من OneClickDz',
    errors: 'الأخطاء',
    document: 'وثيقة OpenAPI',
    skip: 'انتقل إلى المحتوى',
    parameters: 'المعاملات',
    parameter: 'المعامل',
    body: 'المحتوى المرسل',
    field: 'الحقل',
    fields: 'كل حقول الجواب',
    type: 'النوع',
    meaning: 'المعنى',
    required: 'إلزامي',
    request: 'مثال طلب',
    answer: 'الجواب',
    copy: 'نسخ',
    copied: 'نُسخ',
    try: 'جرّب في بيئة الاختبار',
    key: 'مفتاح التجربة',
    keyNote: 'لا يُرسل إلا مفتاح تجربة (\u2066rsd_test_…\u2069)، ويبقى في ذاكرة هذه الصفحة وحدها.',
    send: 'إرسال',
    sending: 'جارٍ الإرسال…',
    failed: 'لم يصل جواب',
    badBody: 'المحتوى ليس JSON صحيحًا',
  },
}

/** What the gateway fills in besides. */
const SERVED = ['lang', 'query', 'origin']

/** Escaped already: whoever serves a page puts them in as they are. */
export function textsFile() {
  const languages = Object.entries(TEXTS).map(([language, texts]) => [
    language,
    Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, escaped(text)])),
  ])
  return `${JSON.stringify(Object.fromEntries(languages), null, 2)}\n`
}

/**
 * A placeholder that nothing fills would be shown as it is.
 * @param {string} page
 */
export function unfilled(page) {
  const names = [...page.matchAll(/⟦(.*?)⟧/g)].map(([, name = '']) => name)
  return names.filter(
    (name) => !SERVED.includes(name) && Object.values(TEXTS).some((texts) => !(name in texts)),
  )
}

/** @param {string} text */
function escaped(text) {
  /** @type {[string]} */
  const buffer = ['']
  escapeToBuffer(text, buffer)
  return buffer[0]
}
